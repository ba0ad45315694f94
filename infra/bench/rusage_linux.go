package main

import "syscall"

const (
	maxrssUnit  = 1024 // Linux counts in KB
	rusageOfOne = syscall.RUSAGE_THREAD
)
