package sqlite

import "testing"

func TestRefusesNetworkDisks(t *testing.T) {
	for magic, name := range map[uint32]string{0x6969: "NFS", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x01021997: "9P", 0x65735546: "FUSE"} {
		if checkDisk(magic) == nil {
			t.Errorf("a folder on %s is taken", name)
		}
	}
	for magic, name := range map[uint32]string{0xEF53: "ext4", 0x58465342: "XFS", 0x9123683E: "btrfs", 0x01021994: "tmpfs", 0x794C7630: "overlayfs", 0x2FC12FC1: "ZFS"} {
		if err := checkDisk(magic); err != nil {
			t.Errorf("a folder on %s is refused: %v", name, err)
		}
	}
}
