package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Cluster is a PostgreSQL server of our own, on a Unix socket in a temporary
// folder. It has the durability of the real thing: nothing is switched off.
type Cluster struct {
	dir   string
	start func(name string, args ...string) *exec.Cmd
	pgctl string
	made  atomic.Int64
}

// StartCluster makes and starts a server; nil when PostgreSQL is not installed. Stop it in TestMain.
func StartCluster() (*Cluster, error) {
	initdb, pgctl := find("initdb"), find("pg_ctl")
	if initdb == "" || pgctl == "" {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "ferric-pg")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, pgctl: pgctl, start: exec.Command}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		if err := c.asPostgres(); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	for _, s := range [][]string{{initdb, "-D", data, "-U", "ferric", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"}, c.starting()} {
		if err := c.run(s...); err != nil {
			os.RemoveAll(dir)
			return nil, err
		}
	}
	return c, nil
}

// starting is the command that starts the server.
func (c *Cluster) starting() []string {
	return []string{c.pgctl, "-D", filepath.Join(c.dir, "data"), "-w", "-t", "60", "-l", filepath.Join(c.dir, "log"), "-o",
		fmt.Sprintf("-k %s -c listen_addresses='' -c max_connections=100 -c max_wal_size=256MB", c.dir), "start"}
}

func (c *Cluster) run(words ...string) error {
	cmd := c.start(words[0], words[1:]...)
	cmd.Dir = c.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		return fmt.Errorf("%s: %w\n%s\n%s", words[0], err, out, log)
	}
	return nil
}

// Crash ends the server as a loss of power to its processes does, without a checkpoint, and starts it again: it recovers from its log.
func (c *Cluster) Crash() error {
	if err := c.run(c.pgctl, "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "-w", "stop"); err != nil {
		return err
	}
	return c.run(c.starting()...)
}

// asPostgres makes the server's programs run as the user "postgres".
func (c *Cluster) asPostgres() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("user postgres has ids %q and %q", u.Uid, u.Gid)
	}
	c.start = func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return cmd
	}
	return os.Chown(c.dir, uid, gid)
}

// find looks for a program on the path and where Debian keeps it, the newest version first.
func find(program string) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + program)
	best, newest := "", -1
	for _, f := range found {
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(f)))); err == nil && v > newest {
			best, newest = f, v
		}
	}
	if best == "" {
		best, _ = exec.LookPath(program)
	}
	return best
}

// Stop ends the server and removes all it had.
func (c *Cluster) Stop() error {
	if c == nil {
		return nil
	}
	if err := c.run(c.pgctl, "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "-w", "stop"); err != nil {
		return err
	}
	return os.RemoveAll(c.dir)
}

// URL makes an empty schema in the server and gives the address under which it is the whole database.
func (c *Cluster) URL(t testing.TB) string {
	t.Helper()
	if c == nil {
		t.Skip("needs postgresql")
	}
	db, err := sql.Open("pgx", c.url(""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("t%d", c.made.Add(1))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	return c.url(name)
}

func (c *Cluster) url(schema string) string {
	s := fmt.Sprintf("host=%s user=ferric dbname=postgres", c.dir)
	if schema != "" {
		s += " search_path=" + schema
	}
	return s
}
