package cloud

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"liaison/internal/transport"
)

// awsConfig is what Lambda gives every function: region and credentials in the environment. The SDK's own loader would also look
// for files, profiles, single sign-on and instance roles, none of which exist there, and link four more services for it.
// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> lead elsewhere, as they do with every AWS tool.
func awsConfig(getenv func(string) string) (aws.Config, error) {
	region := getenv("AWS_REGION")
	if region == "" {
		region = getenv("AWS_DEFAULT_REGION")
	}
	id, secret := getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY")
	if region == "" || id == "" || secret == "" {
		return aws.Config{}, errors.New("cloud: AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: this program runs as a Lambda function")
	}
	given := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "environment"}
	c := aws.Config{
		Region:      region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return given, nil }),
		HTTPClient:  transport.Whole(awshttp.NewBuildableClient()),
	}
	if url := getenv("AWS_ENDPOINT_URL"); url != "" {
		c.BaseEndpoint = &url
	}
	return c, nil
}

// at is the configuration for one service, named as in AWS_ENDPOINT_URL_<SERVICE>.
func at(c aws.Config, getenv func(string) string, service string) aws.Config {
	if url := getenv("AWS_ENDPOINT_URL_" + service); url != "" {
		c.BaseEndpoint = &url
	}
	return c
}
