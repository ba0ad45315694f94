//go:build hello_sqs

package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

var queue *sqs.Client

func init() { more = append(more, func(c aws.Config) { queue = sqs.NewFromConfig(c) }) }
