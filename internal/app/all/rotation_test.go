package all_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/app/all"
	"liaison/internal/app/apptest"
	"liaison/internal/app/rooms"
	"liaison/internal/link"
	"liaison/internal/subscription"
)

// house is all functions as they are made with the keys of the moment; rotate makes them anew, as the cloud does.
type house struct {
	*apptest.World
	t    *testing.T
	next http.Handler
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.next.ServeHTTP(w, r) }

func (h *house) rotate(keys, retired []link.Key) {
	h.t.Helper()
	h.Keys, h.Retired = keys, retired
	whole, err := all.New(h.Outside)
	if err != nil {
		h.t.Fatal(err)
	}
	h.next = whole.HTTP
}

func (h *house) list() *subscription.List {
	h.t.Helper()
	links, err := h.Links()
	if err != nil {
		h.t.Fatal(err)
	}
	return rooms.Subscribers(h.Outside, links)
}

func TestRotationInTheMiddleOfThings(t *testing.T) {
	w := apptest.New(t)
	h := &house{World: w, t: t}
	one, two, three := link.Key{1}, link.Key{2}, link.Key{3}
	h.rotate([]link.Key{one}, nil)
	list := h.list()
	rows := []subscription.Row{
		{Email: "reader@forum.example", Kind: subscription.Ordinary, Given: apptest.Start, Text: "form", Details: subscription.Details{Organisation: "Forum"}},
		{Email: "erased@union.example", Kind: subscription.Ordinary, Given: apptest.Start, Text: "form", Details: subscription.Details{Organisation: "Union"}}}
	if _, err := list.Import(t.Context(), "secretary@example.org", rows, true); err != nil {
		t.Fatal(err)
	}
	reader, err := list.Find(t.Context(), "reader@forum.example")
	if err != nil {
		t.Fatal(err)
	}
	gone, err := list.Find(t.Context(), "erased@union.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Erase(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	desk, public := w.Browse(t, h).As(w, "secretary@example.org"), w.Browse(t, h)
	made, err := link.New(w.Programme.BaseURL, w.Now, one)
	if err != nil {
		t.Fatal(err)
	}
	leave := made.URL("/unsubscribe", made.Token(link.Unsubscribe, reader.ID, "", 24*time.Hour))
	preferences := made.URL("/en/subscription", made.Token(link.Subscription, reader.ID, "", time.Hour))
	form := desk.Get("/desk/subscribers/import")

	h.rotate([]link.Key{two, one}, nil)
	if form.Status != 200 || desk.Get("/desk/").Status != 200 {
		t.Errorf("a rotation signs out: %d, %d", form.Status, desk.Get("/desk/").Status)
	}
	if a := public.Get(preferences); a.Status != 200 {
		t.Errorf("a link of the previous key: %d", a.Status)
	}

	h.rotate([]link.Key{three, two}, []link.Key{one})
	if a := desk.Get("/desk/"); a.Status != 303 || !strings.HasPrefix(a.Location, "/desk/sign-in") {
		t.Errorf("a session of a retired key: %d %s", a.Status, a.Location)
	}
	if a := public.Get(preferences); a.Status != 410 || !strings.Contains(a.Body, "r…@forum.example") {
		t.Errorf("a link of a retired key offers no new one: %d %s", a.Status, a.Body)
	}
	if a := public.Get(leave); a.Status != 200 {
		t.Errorf("the way out of an old mail: %d", a.Status)
	}
	if a := public.Post(leave, url.Values{"List-Unsubscribe": {"One-Click"}}); a.Status != 200 {
		t.Errorf("one click in an old mail: %d %s", a.Status, a.Body)
	}
	if s, err := list.Get(t.Context(), reader.ID); err != nil || s.State != subscription.Left {
		t.Errorf("one click in an old mail does not unsubscribe: %s %v", s.State, err)
	}
	fates, err := h.list().Import(t.Context(), "secretary@example.org", rows[1:], true)
	if err != nil || len(fates) != 1 || fates[0] != subscription.FateSkipped {
		t.Errorf("who was erased is mailed again after two rotations: %v %v", fates, err)
	}
}
