//go:build !unix

package backup

import "os"

// takeLock opens the file. Here nothing keeps two backups out of one folder.
func takeLock(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
}
