//go:build unix && !solaris && !illumos && !aix

package pressing

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes a lock that ends with the process; it fails when another process holds it.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
