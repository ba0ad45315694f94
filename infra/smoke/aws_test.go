//go:build aws

package main

// buildTags decide on which tables the local run is tested: those of the engine that LIAISON_TEST_DYNAMODB names.
const buildTags = "aws"
