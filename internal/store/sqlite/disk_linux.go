package sqlite

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// remote are file systems whose files live on another machine, or may. Magic
// numbers from Linux's include/uapi/linux/magic.h and statfs(2).
var remote = map[uint32]string{
	0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB", 0x5346414F: "AFS", 0x6B414653: "AFS",
	0x01021997: "9P", 0x00C36400: "Ceph", 0x73757245: "Coda", 0x0BD00BD0: "Lustre", 0x65735546: "FUSE",
	0x01161970: "GFS2", 0x7461636F: "OCFS2",
}

// localDisk refuses a folder on a network file system.
func localDisk(dir string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return err
	}
	return checkDisk(uint32(s.Type))
}

func checkDisk(magic uint32) error {
	if name := remote[magic]; name != "" {
		return fmt.Errorf("the folder is on a network file system (%s), where SQLite can lose data: choose one on a local disk, or use PostgreSQL", name)
	}
	return nil
}

// lockFile opens a file that one process at a time can have. The system lets go of it when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another Ferric has this file open (%w)", err)
	}
	return f, nil
}
