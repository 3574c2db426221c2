//go:build !unix || solaris || illumos || aix

package pressing

import (
	"errors"
	"os"
)

// lockFile has no lock to take here: two presses into one folder at the same time are then their owner's affair.
func lockFile(*os.File) error { return errors.ErrUnsupported }
