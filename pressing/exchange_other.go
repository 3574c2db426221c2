//go:build !linux

package pressing

import (
	"errors"
	"os"
)

func exchange(tmp, dest string) error { return exchangeByRenames(tmp, dest) }

// lockFile has no lock to take here; what a killed press left behind then stays until its owner removes it.
func lockFile(*os.File) error { return errors.ErrUnsupported }
