package words

import (
	"testing"

	"liaison/internal/people"
)

func TestCountriesByName(t *testing.T) {
	for s, want := range map[string]people.Country{
		"ch": "CH", "Switzerland": "CH", "suisse": "CH", " ШВЕЙЦАРИЯ ": "CH", "México": "MX", "Cote": "", "Côte d'Ivoire": "CI", "UK": "GB",
		"Kenya": "KE", "Кения": "KE", "": "", "Atlantis": "",
	} {
		if got, _ := CountryNamed(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestLanguagesByName(t *testing.T) {
	for s, want := range map[string]people.Language{
		"sw": "sw", "Swahili": "sw", "русский": "ru", "Французский": "fr", "pt-br": "pt-BR", "Deutsch": "de", "inglés": "en", "Klingonish": "", "": "",
	} {
		if got, _ := LanguageNamed(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestRegionsHaveNames(t *testing.T) {
	for _, l := range Languages {
		for _, r := range people.Regions {
			if s := For(l).Region(r); s == "" || s[0] == '[' {
				t.Errorf("%s: %s is %q", l, r, s)
			}
		}
	}
}
