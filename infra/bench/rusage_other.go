//go:build !linux

package main

const (
	maxrssUnit  = 1  // macOS counts in bytes
	rusageOfOne = -2 // CPU of one thread is not told; getrusage refuses
)
