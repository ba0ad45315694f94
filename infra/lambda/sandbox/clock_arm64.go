//go:build linux

package sandbox

import "encoding/binary"

const clockSymbol = "__kernel_clock_gettime"

// clockCode is clock_gettime(id, at) with an offset.
var clockCode = words(
	0x2a0003e9, // mov w9, w0
	0xd2800e28, // mov x8, #113 (clock_gettime)
	0xd4000001, // svc #0
	0x350000a9, // cbnz w9, done (CLOCK_REALTIME is 0)
	0x5800000a, // ldr x10, offset
	0xf940002b, // ldr x11, [x1]
	0x8b0a016b, // add x11, x11, x10
	0xf900002b, // str x11, [x1]
	0xd65f03c0, // done: ret
)

func words(list ...uint32) (out []byte) {
	for _, w := range list {
		out = binary.LittleEndian.AppendUint32(out, w)
	}
	return out
}

// point lets the code find the offset, which stands so many bytes behind its beginning.
func point(code []byte, offset uint64) {
	const at = 16 // of the instruction that loads it
	binary.LittleEndian.PutUint32(code[at:], 0x5800000a|uint32((offset-at)/4)<<5)
}
