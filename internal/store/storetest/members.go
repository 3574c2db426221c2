package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ferric/internal/fault"
	"ferric/internal/people"
)

// label is the first label, with an owner.
func (c *Crowd) owner(t testing.TB) people.Account {
	t.Helper()
	keeper := c.keeper(t)
	ann, _ := c.person(t, "ann", 1)
	ok(t, c.AddMember(ctx(t), keeper.ID, c.labels[0].ID, ann.ID, people.Owner))
	return ann
}

func (c *Crowd) role(t testing.TB, a people.Account, want people.Role) {
	t.Helper()
	if got := must(c.Role(ctx(t), a.ID, c.labels[0].ID))(t); got != want {
		t.Errorf("%s is %q, want %q", a.Name, got, want)
	}
}

func testMembers(t *testing.T, c *Crowd) {
	ann := c.owner(t)
	bob, _ := c.person(t, "bob", 2)
	eve, _ := c.person(t, "eve", 3)
	label, other := c.labels[0].ID, c.labels[1].ID
	ok(t, c.AddMember(ctx(t), ann.ID, label, bob.ID, people.Packer))
	c.role(t, bob, people.Packer)
	c.role(t, eve, people.NoRole)
	// Only owners of this label keep its members, whatever else they are.
	refused(t, "a packer adding", c.AddMember(ctx(t), bob.ID, label, eve.ID, people.Packer), fault.Forbidden)
	refused(t, "a packer rising", c.SetRole(ctx(t), bob.ID, label, bob.ID, people.Owner), fault.Forbidden)
	refused(t, "a packer removing the owner", c.RemoveMember(ctx(t), bob.ID, label, ann.ID), fault.Forbidden)
	refused(t, "a stranger adding", c.AddMember(ctx(t), eve.ID, label, eve.ID, people.Owner), fault.Forbidden)
	refused(t, "another label's owner", c.AddMember(ctx(t), ann.ID, other, ann.ID, people.Owner), fault.Forbidden)
	refused(t, "nobody", c.AddMember(ctx(t), "", label, eve.ID, people.Owner), fault.Forbidden)
	refused(t, "nobody added", c.AddMember(ctx(t), ann.ID, label, "nobody", people.Packer), fault.NotFound)
	refused(t, "a role that is none", c.AddMember(ctx(t), ann.ID, label, eve.ID, "boss"), fault.Invalid)
	refused(t, "a member again", c.AddMember(ctx(t), ann.ID, label, bob.ID, people.Owner), fault.Conflict)
	refused(t, "a label that is none", c.AddMember(ctx(t), ann.ID, "none", eve.ID, people.Packer), fault.NotFound)
	refused(t, "removing a stranger", c.RemoveMember(ctx(t), ann.ID, label, eve.ID), fault.NotFound)
	ok(t, c.SetRole(ctx(t), ann.ID, label, bob.ID, people.Accountant))
	ms := must(c.Members(ctx(t), label))(t)
	if len(ms) != 2 || ms[0].Name != "ann" || ms[1].Role != people.Accountant || !ms[0].Since.Equal(c.Clock.Now()) {
		t.Errorf("members %+v", ms)
	}
	if roles := must(c.Roles(ctx(t), bob.ID))(t); len(roles) != 1 || roles[label] != people.Accountant {
		t.Errorf("roles %v", roles)
	}
	// A label keeps an owner; everybody may go by themselves.
	refused(t, "the only owner going", c.RemoveMember(ctx(t), ann.ID, label, ann.ID), fault.Conflict)
	refused(t, "the only owner stepping down", c.SetRole(ctx(t), ann.ID, label, ann.ID, people.Packer), fault.Conflict)
	ok(t, c.SetRole(ctx(t), ann.ID, label, bob.ID, people.Owner))
	ok(t, c.RemoveMember(ctx(t), ann.ID, label, ann.ID))
	c.role(t, ann, people.NoRole)
	refused(t, "who is no member any more", c.SetRole(ctx(t), ann.ID, label, bob.ID, people.Packer), fault.Forbidden)
}

// testLastOwner: two owners who remove each other, or both go, at once leave one.
func testLastOwner(t *testing.T, c *Crowd) {
	keeper := c.keeper(t)
	a, _ := c.person(t, "ann", 1)
	b, _ := c.person(t, "bob", 2)
	label := c.labels[0].ID
	rounds := 20
	for range rounds {
		for _, id := range []people.ID{a.ID, b.ID} {
			if role := must(c.Role(ctx(t), id, label))(t); role == people.NoRole {
				ok(t, c.AddMember(ctx(t), keeper.ID, label, id, people.Owner))
			}
		}
		var wg sync.WaitGroup
		for _, pair := range [][2]people.ID{{a.ID, b.ID}, {b.ID, a.ID}, {a.ID, a.ID}, {b.ID, b.ID}} {
			wg.Go(func() { c.RemoveMember(ctx(t), pair[0], label, pair[1]) })
		}
		wg.Wait()
		if ms := must(c.Members(ctx(t), label))(t); len(ms) != 1 || ms[0].Role != people.Owner {
			t.Fatalf("left are %+v", ms)
		}
	}
}

func testInvite(t *testing.T, c *Crowd) {
	ann := c.owner(t)
	bob, _ := c.person(t, "bob", 2)
	label := c.labels[0].ID
	_, _, err := c.Invite(ctx(t), bob.ID, label, people.Owner)
	refused(t, "a stranger inviting", err, fault.Forbidden)
	token, l, err := c.Invite(ctx(t), ann.ID, label, people.Packer)
	ok(t, err)
	if open := must(c.Invitations(ctx(t), label))(t); len(open) != 1 || open[0] != l {
		t.Errorf("open invitations %+v, made %+v", open, l)
	}
	if got := must(c.Look(ctx(t), token))(t); got.Role != people.Packer {
		t.Errorf("it invites to %+v", got)
	}
	_, _, err = c.Join(ctx(t), ann.ID, token)
	refused(t, "a member following it", err, fault.Conflict)
	at, role, err := c.Join(ctx(t), bob.ID, token)
	ok(t, err)
	if at != label || role != people.Packer {
		t.Errorf("joined %s as %s", at, role)
	}
	c.role(t, bob, people.Packer)
	eve, _ := c.person(t, "eve", 3)
	_, _, err = c.Join(ctx(t), eve.ID, token)
	refused(t, "an invitation again", err, fault.Gone)
	// Taken back, over, and of somebody who is an owner no more.
	token, l, err = c.Invite(ctx(t), ann.ID, label, people.Owner)
	ok(t, err)
	refused(t, "a packer taking it back", c.Uninvite(ctx(t), bob.ID, label, l.Hash), fault.Forbidden)
	refused(t, "taken back at another label", c.Uninvite(ctx(t), ann.ID, c.labels[1].ID, l.Hash), fault.Forbidden)
	ok(t, c.Uninvite(ctx(t), ann.ID, label, l.Hash))
	_, _, err = c.Join(ctx(t), eve.ID, token)
	refused(t, "an invitation that was taken back", err, fault.Gone)
	token, _, err = c.Invite(ctx(t), ann.ID, label, people.Owner)
	ok(t, err)
	ok(t, c.SetRole(ctx(t), ann.ID, label, bob.ID, people.Owner))
	ok(t, c.RemoveMember(ctx(t), bob.ID, label, ann.ID))
	_, _, err = c.Join(ctx(t), ann.ID, token)
	refused(t, "an invitation of somebody who was removed", err, fault.Gone)
	token, _, err = c.Invite(ctx(t), bob.ID, label, people.Owner)
	ok(t, err)
	c.Clock.Add(14 * 24 * time.Hour)
	_, _, err = c.Join(ctx(t), eve.ID, token)
	refused(t, "an invitation after its time", err, fault.Gone)
	for range 50 {
		if _, _, err = c.Invite(ctx(t), bob.ID, label, people.Packer); err != nil {
			break
		}
	}
	refused(t, "invitations without end", err, fault.Limit)
}

func testTokens(t *testing.T, c *Crowd) {
	ann := c.owner(t)
	bob, _ := c.person(t, "bob", 2)
	label := c.labels[0].ID
	ok(t, c.AddMember(ctx(t), ann.ID, label, bob.ID, people.Packer))
	_, _, err := c.NewToken(ctx(t), bob.ID, label, people.Publishing, "laptop")
	refused(t, "a packer's token", err, fault.Forbidden)
	_, _, err = c.NewToken(ctx(t), ann.ID, c.labels[1].ID, people.Publishing, "laptop")
	refused(t, "a token of another label", err, fault.Forbidden)
	_, _, err = c.NewToken(ctx(t), ann.ID, label, "everything", "laptop")
	refused(t, "a scope that is none", err, fault.Invalid)
	_, _, err = c.NewToken(ctx(t), ann.ID, label, people.Publishing, " ")
	refused(t, "a token without a name", err, fault.Invalid)
	secret, made, err := c.NewToken(ctx(t), ann.ID, label, people.Publishing, "laptop")
	ok(t, err)
	got := must(c.Token(ctx(t), secret, people.Publishing))(t)
	if got.Label != label || got.Account != ann.ID || got.ID != made.ID {
		t.Errorf("token %+v", got)
	}
	_, err = c.Token(ctx(t), secret, "everything")
	refused(t, "another scope", err, fault.Forbidden)
	all := must(c.Tokens(ctx(t), label))(t)
	if len(all) != 1 || all[0].Name != "laptop" || all[0].Used.IsZero() {
		t.Errorf("tokens %+v", all)
	}
	refused(t, "a packer ending it", c.EndToken(ctx(t), bob.ID, label, made.ID), fault.Forbidden)
	// It ends with its maker's ownership, and when it is ended.
	ok(t, c.SetRole(ctx(t), ann.ID, label, bob.ID, people.Owner))
	ok(t, c.SetRole(ctx(t), bob.ID, label, ann.ID, people.Packer))
	_, err = c.Token(ctx(t), secret, people.Publishing)
	refused(t, "the token of somebody who is no owner", err, fault.Forbidden)
	ok(t, c.SetRole(ctx(t), bob.ID, label, ann.ID, people.Owner))
	must(c.Token(ctx(t), secret, people.Publishing))(t)
	ok(t, c.EndToken(ctx(t), bob.ID, label, made.ID))
	_, err = c.Token(ctx(t), secret, people.Publishing)
	refused(t, "a token that was ended", err, fault.Forbidden)
	secret, _, err = c.NewToken(ctx(t), ann.ID, label, people.Publishing, "laptop")
	ok(t, err)
	ok(t, c.RemoveMember(ctx(t), bob.ID, label, ann.ID))
	ok(t, c.AddMember(ctx(t), bob.ID, label, ann.ID, people.Owner))
	_, err = c.Token(ctx(t), secret, people.Publishing)
	refused(t, "the token of a membership from before", err, fault.Forbidden)
	for i := range 60 {
		if _, _, err = c.NewToken(ctx(t), ann.ID, label, people.Publishing, fmt.Sprint("laptop ", i)); err != nil {
			break
		}
	}
	refused(t, "tokens without end", err, fault.Limit)
}
