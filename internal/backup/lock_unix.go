//go:build unix

package backup

import (
	"errors"
	"os"
	"syscall"
)

// takeLock opens a file that one process at a time can have. The system lets go of it when the process ends, however it ends.
func takeLock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrBusy, f.Close())
	}
	return f, nil
}
