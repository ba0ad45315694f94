//go:build hello_ses

package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

var mail *sesv2.Client

func init() { more = append(more, func(c aws.Config) { mail = sesv2.NewFromConfig(c) }) }
