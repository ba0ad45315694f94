package ses

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"liaison/internal/transport"
)

// At is a Sender for a stand-in of SES at endpoint, such as "http://127.0.0.1:8081", with credentials that nobody checks and the
// configuration set "local". In the cloud Sender is made with the function's own client. The region is one that the SDK knows: for
// others it compiles its rules anew in each call.
func At(endpoint string) *Sender {
	return New(sesv2.New(sesv2.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: transport.Whole(awshttp.NewBuildableClient()),
	}), "local")
}
