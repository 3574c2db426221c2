//go:build !linux

package sqlite

import "os"

// localDisk cannot tell network file systems from others here.
func localDisk(string) error { return nil }

// lockFile opens the lock file; another process is not kept out here.
func lockFile(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) }
