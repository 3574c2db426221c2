package trade

import (
	"context"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
)

// clone copies an answer deeply.
func clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(clone(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(clone(v.Field(i)))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(clone(v.Index(i)))
			}
		}
	default:
		out.Set(v)
	}
	return out
}

// mutations visits every single small change of v in place: every number moved by one and by much, every bool turned,
// every list shortened, lengthened and swapped. The path says where.
func mutations(v reflect.Value, path string, visit func(path string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			mutations(v.Elem(), path, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			mutations(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Slice:
		old := reflect.ValueOf(v.Interface())
		for i := range v.Len() {
			mutations(v.Index(i), path+"[]", visit)
		}
		if n := v.Len(); n > 0 {
			v.Set(old.Slice(0, n-1))
			visit(path + " shorter")
			v.Set(old.Slice3(0, n, n))
			v.Set(reflect.Append(v, clone(v.Index(0))))
			visit(path + " longer")
			v.Set(old)
			if n > 1 && !reflect.DeepEqual(v.Index(0).Interface(), v.Index(n-1).Interface()) {
				swap := reflect.Swapper(v.Interface())
				swap(0, n-1)
				visit(path + " swapped")
				swap(0, n-1)
			}
		}
	case reflect.Bool:
		v.SetBool(!v.Bool())
		visit(path)
		v.SetBool(!v.Bool())
	case reflect.String:
		old := v.String()
		v.SetString(old + "0")
		visit(path)
		v.SetString(old)
	case reflect.Int, reflect.Int32, reflect.Int64:
		old := v.Int()
		for _, d := range []int64{1, -1, 1000} {
			v.SetInt(old + d)
			visit(path)
		}
		v.SetInt(old)
	case reflect.Uint8, reflect.Uint64:
		old := v.Uint()
		v.SetUint(old + 1)
		visit(path)
		v.SetUint(old)
	}
}

func TestVerifyRejectsEveryChange(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	tried, slipped := 0, 0
	for n := range 400 {
		p := randomProblem(r)
		pol := Policy{Order: Order(r.IntN(3)), Seed: uint64(n)}
		if n%7 == 0 {
			pol.MaxCircle = 2 + r.IntN(2)
		}
		a, err := Solve(context.Background(), p, Options{Policy: pol})
		if err != nil {
			t.Fatal(err)
		}
		if a.Trades == 0 {
			continue
		}
		b := clone(reflect.ValueOf(a)).Interface().(*Answer)
		mutations(reflect.ValueOf(b), "", func(path string) {
			tried++
			if Verify(p, b) == nil {
				t.Errorf("round %d: a change at %s passed", n, path)
			}
			// A liar mends the digest too. Then what is said about the arrangement must still be refused; another
			// proof of the same bounds, or another seed, is as good.
			old := b.Digest
			b.Digest = b.digest(p)
			if Verify(p, b) == nil {
				slipped++
				if !(path == ".Steps" || path == ".Policy.Seed" || len(path) > 12 && path[:12] == ".Certificate" || path == ".Digest") {
					if !sound(p, b) {
						t.Errorf("round %d: a change at %s with a mended digest passed", n, path)
					}
				}
			}
			b.Digest = old
		})
		if err := Verify(p, b); err != nil {
			t.Fatalf("round %d: %v after the changes were undone", n, err)
		}
	}
	t.Logf("%d changes, %d other proofs", tried, slipped)
}

// sound tells whether what an answer says of itself is true, by exhaustive search.
func sound(p *Problem, a *Answer) bool {
	best := exhaust(p, a.Policy)
	c := better(a.Policy, outcomeOf(a), best)
	return c == 0 || c > 0 && !(a.Proven.Trades && a.Proven.People && a.Proven.Rank)
}

func TestSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := rand.New(rand.NewPCG(2, 2))
	ctx := context.Background()
	for n := range 40 {
		var p *Problem
		if n == 0 {
			p = makeRound(gen2000, 3)
		} else {
			p = randomProblem(r)
		}
		pol := Policy{Order: Order(n % 3), Seed: 5}
		if n%5 == 4 {
			pol.MaxCircle = 3
		}
		runtime.GOMAXPROCS(1)
		a, err := Solve(ctx, p, Options{Policy: pol, Effort: 1 << 24})
		if err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(2)
		b, err := Solve(ctx, shuffled(p, r), Options{Policy: pol, Effort: 1 << 24})
		if err != nil {
			t.Fatal(err)
		}
		if a.Digest != b.Digest {
			t.Fatalf("round %d: another order of the lines, another answer:\n%+v\n%+v", n, a, b)
		}
	}
}

// shuffled is the same problem with items, owners and bans in another order.
func shuffled(p *Problem, r *rand.Rand) *Problem {
	q := &Problem{Owners: p.Owners, Items: make([]Item, len(p.Items))}
	to, owner := r.Perm(len(p.Items)), r.Perm(p.Owners)
	for i, it := range p.Items {
		it.Owner = int32(owner[it.Owner])
		wants := make([]Want, len(it.Wants))
		for k, w := range it.Wants {
			wants[k] = Want{int32(to[w.Item]), w.Rank}
		}
		it.Wants = wants
		q.Items[to[i]] = it
	}
	for _, b := range p.Bans {
		q.Bans = append(q.Bans, Ban{int32(owner[b.From]), int32(owner[b.To])})
	}
	r.Shuffle(len(q.Bans), func(i, j int) { q.Bans[i], q.Bans[j] = q.Bans[j], q.Bans[i] })
	if p.Region != nil {
		q.Region = make([]uint8, p.Owners)
		for o, x := range p.Region {
			q.Region[owner[o]] = x
		}
	}
	return q
}

func TestVerifyHostileAnswers(t *testing.T) {
	p := makeRound(gen500, 1)
	good, err := Solve(context.Background(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []*Answer{
		{},
		{Certificate: &Certificate{}},
		{Policy: Policy{Order: 77}},
		{Circles: []Circle{{}}},
		{Circles: []Circle{{Moves: []Move{{Item: -1, Gets: 1 << 30}}}}},
		{Circles: []Circle{{Moves: []Move{{Item: 0, Via: []int32{0, 0}, Gets: 0}}}}},
		{Policy: Policy{MaxCircle: 3}, Certificate: &Certificate{Stages: good.Certificate.Stages[:1], Capped: &Capped{Effort: -5}}},
		{Certificate: &Certificate{Stages: make([]Stage, 3)}},
	} {
		if err := Verify(p, a); err == nil && (a.Certificate != nil || a.Circles != nil) {
			t.Errorf("%+v passed", a)
		}
		if _, err := Judge(context.Background(), p, a, Options{Effort: 1}); err != nil && a.Policy.Order < 3 {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
