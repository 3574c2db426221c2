package people

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Role is what somebody does at a label.
type Role string

// The roles. What each may see and do stands with the routes; here only that owners keep the members.
const (
	NoRole     Role = ""
	Owner      Role = "owner"      // everything, and who else is a member
	Packer     Role = "packer"     // orders: pack and send
	Accountant Role = "accountant" // orders: money, no addresses
)

// AllRoles lists them.
var AllRoles = []Role{Owner, Packer, Accountant}

// Member is somebody at a label.
type Member struct {
	Label   catalog.LabelID
	Account ID
	Name    string // as Account.Name and Display; only read
	Display string
	Role    Role
	Since   time.Time
}

func checkRole(r Role) error {
	if !slices.Contains(AllRoles, r) {
		return fault.Field("role", "Please choose owner, packer or accountant.")
	}
	return nil
}

// Role is what an account does at a label, NoRole for nothing. Who keeps the shop has no role by that.
func (p *People) Role(ctx context.Context, id ID, label catalog.LabelID) (r Role, err error) {
	err = p.store.View(ctx, func(tx Tx) error { r, err = tx.Role(label, id); return err })
	return r, err
}

// Roles are what an account does, at each label where it does something.
func (p *People) Roles(ctx context.Context, id ID) (roles map[catalog.LabelID]Role, err error) {
	err = p.store.View(ctx, func(tx Tx) error { roles, err = tx.Roles(id); return err })
	return roles, err
}

// Members are the people of a label, by name. Who may see them is the route's rule.
func (p *People) Members(ctx context.Context, label catalog.LabelID) (ms []Member, err error) {
	err = p.store.View(ctx, func(tx Tx) error { ms, err = tx.Members(label); return err })
	return ms, err
}

// AddMember gives an account a role at a label. Who says so is an owner of it or keeps the shop. The first member of a label is an owner.
func (p *People) AddMember(ctx context.Context, by ID, label catalog.LabelID, id ID, role Role) error {
	return p.members(ctx, by, label, func(tx Tx, ms []Member) error { return p.join(tx, ms, label, id, role) })
}

func (p *People) join(tx Tx, ms []Member, label catalog.LabelID, id ID, role Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	if slices.ContainsFunc(ms, func(m Member) bool { return m.Account == id }) {
		return fault.New(fault.Conflict, "This account is a member already.")
	}
	if len(ms) == 0 && role != Owner {
		return fault.New(fault.Conflict, "The first member of a label is its owner.")
	}
	if len(ms) >= maxMembers {
		return fault.Newf(fault.Limit, "A label has %d members at most.", maxMembers)
	}
	if _, _, err := tx.Account(id); err != nil {
		return err
	}
	return tx.PutMember(Member{Label: label, Account: id, Role: role, Since: p.clock()})
}

// SetRole changes a member's role. A label keeps an owner.
func (p *People) SetRole(ctx context.Context, by ID, label catalog.LabelID, id ID, role Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return p.members(ctx, by, label, func(tx Tx, ms []Member) error {
		m, err := member(ms, id)
		if err != nil {
			return err
		}
		if role != Owner {
			if err := lastOwner(ms, id); err != nil {
				return err
			}
		}
		m.Role = role
		return tx.PutMember(m)
	})
}

// RemoveMember ends a membership, and the publish tokens that the member made. Everybody may end their own. A label keeps an owner.
func (p *People) RemoveMember(ctx context.Context, by ID, label catalog.LabelID, id ID) error {
	remove := func(tx Tx, ms []Member) error {
		if _, err := member(ms, id); err != nil {
			return err
		}
		if err := lastOwner(ms, id); err != nil {
			return err
		}
		return tx.DeleteMember(label, id)
	}
	if by == id {
		return p.store.Update(ctx, func(tx Tx) error {
			ms, err := tx.Members(label)
			if err != nil {
				return err
			}
			return remove(tx, ms)
		})
	}
	return p.members(ctx, by, label, remove)
}

// maxMembers, maxInvites and maxTokens are what a label may have.
const (
	maxMembers = 100
	maxInvites = 50
	maxTokens  = 50
)

// members runs f on a label's members, for one of its owners or who keeps the shop.
func (p *People) members(ctx context.Context, by ID, label catalog.LabelID, f func(Tx, []Member) error) error {
	return p.store.Update(ctx, func(tx Tx) error {
		ms, err := tx.Members(label)
		if err != nil {
			return err
		}
		if err := mayKeep(tx, ms, by); err != nil {
			return err
		}
		return f(tx, ms)
	})
}

// mayKeep refuses whoever is neither an owner nor keeps the shop.
func mayKeep(tx Tx, ms []Member, by ID) error {
	if m, err := member(ms, by); err == nil && m.Role == Owner {
		return nil
	}
	a, _, err := tx.Account(by)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || !a.Admin {
		return fault.New(fault.Forbidden, "Only an owner of the label may do this.")
	}
	return nil
}

func member(ms []Member, id ID) (Member, error) {
	for _, m := range ms {
		if m.Account == id {
			return m, nil
		}
	}
	return Member{}, fault.New(fault.NotFound, "This account is no member of the label.")
}

// lastOwner refuses to let the only owner of a label go.
func lastOwner(ms []Member, id ID) error {
	for _, m := range ms {
		if m.Role == Owner && m.Account != id {
			return nil
		}
	}
	if m, err := member(ms, id); err != nil || m.Role != Owner {
		return nil
	}
	return fault.New(fault.Conflict, "A label needs an owner: make another member one first.")
}

// Invite makes a link that makes whoever follows it a member, once.
func (p *People) Invite(ctx context.Context, by ID, label catalog.LabelID, role Role) (token string, l Link, err error) {
	if err := checkRole(role); err != nil {
		return "", Link{}, err
	}
	err = p.members(ctx, by, label, func(tx Tx, _ []Member) error {
		open, err := tx.Invitations(label)
		if err != nil {
			return err
		}
		if len(open) >= maxInvites {
			return fault.Newf(fault.Limit, "A label has %d open invitations at most. Please take one back.", maxInvites)
		}
		now := p.clock()
		l = Link{Kind: LinkInvite, Account: by, Label: label, Role: role, Made: now, Expires: now.Add(p.cfg.Limits.Invite)}
		token, err = put(tx, l)
		l.Hash, _ = hashToken("link", token)
		return err
	})
	if err != nil {
		return "", Link{}, err
	}
	return token, l, nil
}

// Invitations are those of a label that nobody has followed.
func (p *People) Invitations(ctx context.Context, label catalog.LabelID) (open []Link, err error) {
	err = p.store.View(ctx, func(tx Tx) error {
		all, err := tx.Invitations(label)
		now := p.clock()
		for _, l := range all {
			if l.Expires.After(now) {
				open = append(open, l)
			}
		}
		return err
	})
	return open, err
}

// Uninvite takes an invitation back, by its Hash.
func (p *People) Uninvite(ctx context.Context, by ID, label catalog.LabelID, hash string) error {
	return p.members(ctx, by, label, func(tx Tx, _ []Member) error {
		l, err := tx.Link(hash)
		if fault.Is(err, fault.NotFound) || err == nil && (l.Kind != LinkInvite || l.Label != label) {
			return fault.New(fault.NotFound, "There is no such invitation any more.")
		}
		if err != nil {
			return err
		}
		_, err = tx.DeleteLink(hash)
		return err
	})
}

// Join follows an invitation. It is good only while whoever made it could still make it.
func (p *People) Join(ctx context.Context, id ID, token string) (label catalog.LabelID, role Role, err error) {
	err = p.store.Update(ctx, func(tx Tx) error {
		l, err := take(tx, LinkInvite, token, p.clock())
		if err != nil {
			return err
		}
		ms, err := tx.Members(l.Label)
		if err != nil {
			return err
		}
		if err := mayKeep(tx, ms, l.Account); err != nil {
			return errLink
		}
		label, role = l.Label, l.Role
		return p.join(tx, ms, l.Label, id, l.Role)
	})
	if err != nil {
		return "", NoRole, err
	}
	return label, role, nil
}

// newID is 130 random bits as text.
func newID() string { return rand.Text() }
