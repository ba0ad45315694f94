package endpoint

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"liaison/infra/local/queue"
)

// Engine passes calls on to a DynamoDB-compatible engine.
func Engine(address string) (http.Handler, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.Proxy, transport.DisableCompression = 256, nil, true
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }, Transport: transport}, nil
}

// SQS speaks as much of SQS's protocol (AWS JSON 1.0) as who sends messages needs, for the queues of a broker, which keeps the rest of
// SQS's contract.
type SQS struct {
	Broker *queue.Broker
	Queues map[string]string // URL → name at the broker
}

// SQS's limits.
const (
	maxEntries = 10
	maxBatch   = 1 << 20 // bytes of all bodies
	maxDelay   = 900     // seconds
)

type entry struct {
	Id, MessageBody string
	DelaySeconds    int
}

type sent struct{ Id, MessageId, MD5OfMessageBody string }

// ServeHTTP answers SendMessageBatch.
func (s *SQS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		QueueUrl string
		Entries  []entry
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".SendMessageBatch") {
		fault(w, "com.amazonaws.sqs#UnsupportedOperation", "only SendMessageBatch is here")
		return
	}
	name, ok := s.Queues[in.QueueUrl]
	if !ok {
		fault(w, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
		return
	}
	out, messages, why := check(in.Entries)
	if why != "" {
		fault(w, "com.amazonaws.sqs#"+why, "the batch is not valid")
		return
	}
	if err := s.Broker.Send(r.Context(), name, messages...); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	answer(w, "application/x-amz-json-1.0", http.StatusOK, map[string][]sent{"Successful": out})
}

// check refuses what SQS refuses, with the name of its error.
func check(entries []entry) (out []sent, messages []queue.Outgoing, why string) {
	ids, size := map[string]bool{}, 0
	switch {
	case len(entries) == 0:
		return nil, nil, "EmptyBatchRequest"
	case len(entries) > maxEntries:
		return nil, nil, "TooManyEntriesInBatchRequest"
	}
	for _, e := range entries {
		size += len(e.MessageBody)
		switch {
		case ids[e.Id]:
			return nil, nil, "BatchEntryIdsNotDistinct"
		case size > maxBatch:
			return nil, nil, "BatchRequestTooLong"
		case e.MessageBody == "" || e.DelaySeconds < 0 || e.DelaySeconds > maxDelay:
			return nil, nil, "InvalidParameterValue"
		}
		ids[e.Id] = true
		sum := md5.Sum([]byte(e.MessageBody)) // SQS's receipt, which the SDK checks
		out = append(out, sent{e.Id, uuid.NewString(), hex.EncodeToString(sum[:])})
		messages = append(messages, queue.Outgoing{Body: []byte(e.MessageBody), Delay: time.Duration(e.DelaySeconds) * time.Second})
	}
	return out, messages, ""
}

// Secrets stands for Secrets Manager with one secret.
type Secrets struct {
	ARN string

	mu   sync.Mutex
	text string
}

// Set replaces the secret's text; empty, there is no such secret.
func (s *Secrets) Set(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
}

// ServeHTTP answers GetSecretValue.
func (s *Secrets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	text := s.text
	s.mu.Unlock()
	var in struct{ SecretId string }
	err := json.NewDecoder(r.Body).Decode(&in)
	if err != nil || text == "" || in.SecretId != s.ARN || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
		fault(w, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
		return
	}
	answer(w, "application/x-amz-json-1.1", http.StatusOK, map[string]any{"ARN": s.ARN, "Name": "keys", "VersionId": uuid.NewString(), "SecretString": text, "VersionStages": []string{"AWSCURRENT"}})
}

func fault(w http.ResponseWriter, kind, message string) {
	answer(w, "application/x-amz-json-1.0", http.StatusBadRequest, map[string]string{"__type": kind, "message": message})
}

func answer(w http.ResponseWriter, kind string, status int, v any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the process went away
}
