package mail

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"liaison/internal/app"
	"liaison/internal/cloud"
)

// TestPartSendsThroughSES: what it fills in reaches the service of that name.
func TestPartSendsThroughSES(t *testing.T) {
	var path string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.Method + " " + r.URL.Path
		_, _ = w.Write([]byte(`{"SendQuota":{"Max24HourSend":50000,"MaxSendRate":14,"SentLast24Hours":1},"SendingEnabled":true,"ProductionAccessEnabled":true}`))
	}))
	defer srv.Close()
	var service string
	s := &cloud.Setting{Outside: &app.Outside{}, ConfigurationSet: "liaison", Config: func(name string) aws.Config {
		service = name
		return aws.Config{Region: "eu-west-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	}}
	Part(s)
	account, err := s.Outside.Mail.Account(context.Background())
	if err != nil || account.PerSecond != 14 || path != "GET /v2/email/account" || service != "SESV2" {
		t.Errorf("%+v %v by %s of %s", account, err, path, service)
	}
}
