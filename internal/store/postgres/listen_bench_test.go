package postgres_test

import (
	"testing"

	"ferric/internal/store/storetest"
)

func BenchmarkListen(b *testing.B) { storetest.BenchListen(b, open) }
