//go:build !linux

package pressing

func exchange(tmp, dest string) error { return exchangeByRenames(tmp, dest) }
