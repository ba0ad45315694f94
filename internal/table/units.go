package table

import "sync/atomic"

// Meter adds up units; the zero Meter is ready and may be used concurrently. Engines embed one to be Metered.
type Meter struct{ read, write atomic.Int64 } // in halves of a unit, the smallest amount that is billed

// Charge counts units that a request used.
func (m *Meter) Charge(u Units) {
	m.read.Add(int64(u.Read * 2))
	m.write.Add(int64(u.Write * 2))
}

// Units implements Metered.
func (m *Meter) Units() Units {
	return Units{Read: float64(m.read.Load()) / 2, Write: float64(m.write.Load()) / 2}
}

// ReadUnits is what reading that many bytes at once costs with strong consistency; reading nothing costs one.
func ReadUnits(bytes int) float64 { return blocks(bytes, 4096) }

// WriteUnits is what writing that many bytes costs; writing nothing costs one.
func WriteUnits(bytes int) float64 { return blocks(bytes, 1024) }

func blocks(bytes, size int) float64 { return float64(max(1, (bytes+size-1)/size)) }
