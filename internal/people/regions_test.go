package people

import "testing"

func TestEveryCountryLiesInOneRegion(t *testing.T) {
	developing := 0
	for _, c := range Countries {
		if c.Region() == "" && c != "AQ" {
			t.Errorf("%s lies in no region", c)
		}
		if c.Developing() {
			developing++
		}
	}
	if len(regionOf()) != len(Countries)-1 {
		t.Errorf("%d countries have a region, %d are assigned", len(regionOf()), len(Countries))
	}
	if developing != 182 {
		t.Errorf("%d developing countries and areas", developing)
	}
	for c, want := range map[Country]bool{"KE": true, "CH": false, "JP": false, "BR": true, "RU": false, "US": false, "MX": true, "CY": false, "TR": true, "NZ": false, "FJ": true, "AQ": false, "TW": false} {
		if c.Developing() != want {
			t.Errorf("%s developing: %v", c, !want)
		}
	}
}

func TestRegionsAreParsed(t *testing.T) {
	if r, err := ParseRegion(" Africa "); err != nil || r != Africa {
		t.Errorf("%q, %v", r, err)
	}
	if _, err := ParseRegion("Atlantis"); err != ErrRegion {
		t.Errorf("%v", err)
	}
}
