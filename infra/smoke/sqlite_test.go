//go:build !aws

package main

// buildTags decide on which tables the local run is tested: SQLite's.
const buildTags = ""
