// Package ses is mail.Sender on Amazon SES v2.
//
// SES has no idempotency token, and the SDK would repeat SendBulkEmail three times by itself, also when the answer was lost after
// SES had taken the mails. So every sending call here is made once, and what is known about a failure is said exactly: whether nothing was
// accepted, or whether that is unknown. Limits are SES's own (API reference, SendBulkEmail and SendEmail).
package ses

import (
	"context"
	"encoding/json"
	"fmt"
	netmail "net/mail"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"liaison/internal/mail"
)

const (
	maxHeaderName  = 126
	maxHeaderValue = 995
	maxTag         = 256
	maxAddress     = 320 // bytes, with the encoded name
)

// Sender sends through one SES client. It keeps the three operations that it uses and not the client: reached through an interface,
// a client brings all its operations into every binary in which something calls methods by name, as text/template does. None of ours
// does today (infra/sizes.sh), and a library that begins to shall not cost a megabyte more.
type Sender struct {
	sendEmail        func(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
	sendBulkEmail    func(context.Context, *sesv2.SendBulkEmailInput, ...func(*sesv2.Options)) (*sesv2.SendBulkEmailOutput, error)
	getAccount       func(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error)
	configurationSet string
}

// New sends through client. configurationSet names the set whose events come back; without it nothing in doubt can ever be settled.
func New(client *sesv2.Client, configurationSet string) *Sender {
	return &Sender{client.SendEmail, client.SendBulkEmail, client.GetAccount, configurationSet}
}

var _ mail.Sender = (*Sender)(nil)

// once turns the SDK's retries off for a call.
func once(o *sesv2.Options) { o.RetryMaxAttempts = 1 }

// Send makes one SendEmail call.
func (s *Sender) Send(ctx context.Context, m mail.Message) (string, error) {
	if err := checkAll(m.Headers, m.Tags); err != nil {
		return "", err
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress:     aws.String(address(m.From)),
		Destination:          &types.Destination{ToAddresses: []string{address(m.To)}},
		ReplyToAddresses:     replyTo(m.ReplyTo),
		ConfigurationSetName: s.set(),
		EmailTags:            tags(m.Tags),
		Content: &types.EmailContent{Simple: &types.Message{
			Subject:     text(m.Content.Subject),
			Body:        &types.Body{Text: text(m.Content.Text)},
			Headers:     headers(m.Headers),
			Attachments: attachments(m.Content.Attachments),
		}},
	}
	if m.Content.HTML != "" {
		in.Content.Simple.Body.Html = text(m.Content.HTML)
	}
	ctx, sent := watch(ctx)
	out, err := s.sendEmail(ctx, in, once)
	if err != nil {
		return "", classify(err, sent)
	}
	return aws.ToString(out.MessageId), nil
}

// SendBatch makes one SendBulkEmail call with the letter as an inline template.
func (s *Sender) SendBatch(ctx context.Context, b mail.Batch) ([]mail.Result, error) {
	if len(b.Entries) == 0 || len(b.Entries) > mail.MaxBatch {
		return nil, fmt.Errorf("%w: %d entries in one batch", mail.ErrRefused, len(b.Entries))
	}
	if err := checkAll(b.Headers, nil); err != nil {
		return nil, err
	}
	entries := make([]types.BulkEmailEntry, len(b.Entries))
	for i, e := range b.Entries {
		if err := checkAll(e.Headers, e.Tags); err != nil {
			return nil, err
		}
		data, err := json.Marshal(e.Data)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", mail.ErrRefused, err)
		}
		entries[i] = types.BulkEmailEntry{
			Destination:             &types.Destination{ToAddresses: []string{address(e.To)}},
			ReplacementEmailContent: &types.ReplacementEmailContent{ReplacementTemplate: &types.ReplacementTemplate{ReplacementTemplateData: aws.String(string(data))}},
			ReplacementHeaders:      headers(e.Headers),
			ReplacementTags:         tags(e.Tags),
		}
	}
	template := &types.Template{
		TemplateContent: &types.EmailTemplateContent{Subject: aws.String(b.Content.Subject), Text: aws.String(b.Content.Text)},
		TemplateData:    aws.String("{}"),
		Headers:         headers(b.Headers),
		Attachments:     attachments(b.Content.Attachments),
	}
	if b.Content.HTML != "" {
		template.TemplateContent.Html = aws.String(b.Content.HTML)
	}
	ctx, sent := watch(ctx)
	out, err := s.sendBulkEmail(ctx, &sesv2.SendBulkEmailInput{
		FromEmailAddress:     aws.String(address(b.From)),
		ReplyToAddresses:     replyTo(b.ReplyTo),
		ConfigurationSetName: s.set(),
		DefaultContent:       &types.BulkEmailContent{Template: template},
		BulkEmailEntries:     entries,
	}, once)
	if err != nil {
		return nil, classify(err, sent)
	}
	if len(out.BulkEmailEntryResults) != len(b.Entries) {
		return nil, fmt.Errorf("%w: %d answers for %d entries", mail.ErrDoubt, len(out.BulkEmailEntryResults), len(b.Entries))
	}
	results := make([]mail.Result, len(b.Entries))
	for i, r := range out.BulkEmailEntryResults {
		results[i] = result(r)
	}
	return results, nil
}

// Account asks for the quota; this call changes nothing and may be repeated by the SDK.
func (s *Sender) Account(ctx context.Context) (mail.Account, error) {
	out, err := s.getAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return mail.Account{}, classify(err, new(wire))
	}
	a := mail.Account{Enabled: out.SendingEnabled, Sandbox: !out.ProductionAccessEnabled}
	if q := out.SendQuota; q != nil {
		a.PerSecond, a.PerDay, a.Today = q.MaxSendRate, q.Max24HourSend, q.SentLast24Hours
	}
	return a, nil
}

func (s *Sender) set() *string {
	if s.configurationSet == "" {
		return nil
	}
	return &s.configurationSet
}

// outcomes is what each status of one entry means for it. TRANSIENT_FAILURE and the throttled ones were not accepted (API reference,
// BulkEmailEntryResult). A status that is not here holds the sending, with the status shown: nobody is given up for a word that we do not know.
var outcomes = map[types.BulkEmailStatus]mail.Outcome{
	types.BulkEmailStatusSuccess:                       mail.Sent,
	types.BulkEmailStatusMessageRejected:               mail.Refused,
	types.BulkEmailStatusInvalidParameter:              mail.Refused,
	types.BulkEmailStatusFailed:                        mail.Refused,
	types.BulkEmailStatusAccountThrottled:              mail.Retry,
	types.BulkEmailStatusTransientFailure:              mail.Retry,
	types.BulkEmailStatusAccountDailyQuotaExceeded:     mail.Exhausted,
	types.BulkEmailStatusAccountSuspended:              mail.Stopped,
	types.BulkEmailStatusAccountSendingPaused:          mail.Stopped,
	types.BulkEmailStatusConfigurationSetSendingPaused: mail.Stopped,
	types.BulkEmailStatusConfigurationSetNotFound:      mail.Stopped,
	types.BulkEmailStatusMailFromDomainNotVerified:     mail.Stopped,
	types.BulkEmailStatusInvalidSendingPoolName:        mail.Stopped,
	types.BulkEmailStatusTemplateNotFound:              mail.Stopped,
}

func result(r types.BulkEmailEntryResult) mail.Result {
	o, known := outcomes[r.Status]
	if !known {
		o = mail.Stopped
	}
	if o == mail.Sent {
		return mail.Result{Outcome: mail.Sent, MessageID: aws.ToString(r.MessageId)}
	}
	return mail.Result{Outcome: o, Reason: strings.TrimSpace(string(r.Status) + " " + aws.ToString(r.Error))}
}

// address is "name" <local@domain> with the name encoded as RFC 2047 asks. A name that would make it longer than SES takes is left out
// rather than the recipient.
func address(a mail.Address) string {
	if a.Name == "" {
		return string(a.Mail)
	}
	whole := (&netmail.Address{Name: strings.Join(strings.Fields(a.Name), " "), Address: string(a.Mail)}).String()
	if len(whole) > maxAddress {
		return string(a.Mail)
	}
	return whole
}

func replyTo(a mail.Address) []string {
	if a.Mail == "" {
		return nil
	}
	return []string{address(a)}
}

func text(s string) *types.Content {
	return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
}

func headers(in []mail.Header) []types.MessageHeader {
	var out []types.MessageHeader
	for i := range in {
		out = append(out, types.MessageHeader{Name: &in[i].Name, Value: &in[i].Value})
	}
	return out
}

func tags(in []mail.Tag) []types.MessageTag {
	var out []types.MessageTag
	for i := range in {
		out = append(out, types.MessageTag{Name: &in[i].Name, Value: &in[i].Value})
	}
	return out
}

func attachments(in []mail.Attachment) []types.Attachment {
	var out []types.Attachment
	for i := range in {
		out = append(out, types.Attachment{FileName: &in[i].Name, ContentType: &in[i].Type, RawContent: in[i].Data,
			ContentDisposition: types.AttachmentContentDispositionAttachment, ContentTransferEncoding: types.AttachmentContentTransferEncodingBase64})
	}
	return out
}

// checkAll refuses what could break out of a header or what SES would turn away.
func checkAll(hs []mail.Header, ts []mail.Tag) error {
	for _, h := range hs {
		if h.Name == "" || len(h.Name) > maxHeaderName || strings.ContainsFunc(h.Name, notToken) {
			return fmt.Errorf("%w: header name %.40q", mail.ErrRefused, h.Name)
		}
		if len(h.Value) > maxHeaderValue || strings.ContainsFunc(h.Value, notPrintable) {
			return fmt.Errorf("%w: value of header %s", mail.ErrRefused, h.Name)
		}
	}
	for _, t := range ts {
		if t.Name == "" || len(t.Name) > maxTag || len(t.Value) > maxTag || strings.ContainsFunc(t.Name+t.Value, notTag) {
			return fmt.Errorf("%w: tag %.40q", mail.ErrRefused, t.Name)
		}
	}
	return nil
}

func notToken(r rune) bool     { return r <= ' ' || r >= 0x7f || r == ':' }
func notPrintable(r rune) bool { return r < ' ' || r >= 0x7f }
func notTag(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}
