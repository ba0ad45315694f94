package people

import (
	"errors"
	"strings"
	"sync"
)

// Region is one of the five geographic regions of UN M49, in small letters.
type Region string

const (
	Africa   Region = "africa"
	Americas Region = "americas"
	Asia     Region = "asia"
	Europe   Region = "europe"
	Oceania  Region = "oceania"
)

// Regions in alphabetical order.
var Regions = []Region{Africa, Americas, Asia, Europe, Oceania}

var ErrRegion = errors.New("people: not a region")

// ParseRegion accepts exactly the five, in any case.
func ParseRegion(s string) (Region, error) {
	s = strings.ToLower(Clean(s))
	for _, r := range Regions {
		if string(r) == s {
			return r, nil
		}
	}
	return "", ErrRegion
}

// Region is the region that a country or area lies in; "" for Antarctica and for codes that are not assigned.
//
// Source: United Nations Statistics Division, Standard country or area codes for statistical use (M49), geographic regions. M49 has
// no entry for TW; it is counted where it lies.
func (c Country) Region() Region { return regionOf()[c] }

// Developing tells whether a country or area was listed under "developing regions". It is a coarse and dated distinction, good for
// watching a balance and for nothing else; countries without an entry (AQ, TW) are on neither side and answer false.
//
// Source: the same standard, developed and developing regions, in its last edition before the United Nations Statistics Division took the
// distinction out of M49 in December 2021.
func (c Country) Developing() bool {
	_, known := regionOf()[c]
	return known && !developed()[c] && c != "TW"
}

var regionOf = sync.OnceValue(func() map[Country]Region {
	m := map[Country]Region{}
	for region, codes := range map[Region]string{
		Africa: `AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW
			SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW`,
		Americas: `AG AI AR AW BB BL BM BO BQ BR BS BV BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN HT JM KN KY LC MF MQ MS MX
			NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI`,
		Asia: `AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG
			SY TH TJ TL TM TR TW UZ VN YE`,
		Europe: `AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT
			RO RS RU SE SI SJ SK SM UA VA`,
		Oceania: `AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS`,
	} {
		for _, code := range strings.Fields(codes) {
			m[Country(code)] = region
		}
	}
	return m
})

// developed: Europe, Northern America, Australia and New Zealand (with their areas), Cyprus, Israel and Japan.
var developed = sync.OnceValue(func() map[Country]bool {
	m := map[Country]bool{}
	for c, r := range regionOf() {
		m[c] = r == Europe
	}
	for _, code := range strings.Fields("BM CA GL PM US AU CC CX HM NF NZ CY IL JP") {
		m[Country(code)] = true
	}
	return m
})
