package ses

// The requests and answers as SES's API reference names them; members that the stand-in has no use for are left out.

type sendEmailInput struct {
	FromEmailAddress     string
	Destination          destination
	ReplyToAddresses     []string
	Content              emailContent
	EmailTags            []pair
	ConfigurationSetName string
}

type emailContent struct {
	Simple   *simple
	Raw      *raw
	Template *template
}

type simple struct {
	Subject     text
	Body        struct{ Html, Text *text }
	Headers     []pair
	Attachments []attachment
}

type raw struct{ Data []byte }

type text struct{ Data, Charset string }

type template struct {
	TemplateName    string
	TemplateArn     string
	TemplateContent *templateContent
	TemplateData    string
	Headers         []pair
	Attachments     []attachment
}

type templateContent struct{ Subject, Html, Text string }

type attachment struct {
	FileName           string
	RawContent         []byte
	ContentType        string
	ContentDisposition string
	ContentId          string
	ContentDescription string
}

type destination struct{ ToAddresses, CcAddresses, BccAddresses []string }

func (d destination) all() []string {
	return append(append(append([]string{}, d.ToAddresses...), d.CcAddresses...), d.BccAddresses...)
}

// pair is a header or a tag.
type pair struct{ Name, Value string }

type sendBulkInput struct {
	FromEmailAddress     string
	ReplyToAddresses     []string
	DefaultContent       struct{ Template *template }
	DefaultEmailTags     []pair
	BulkEmailEntries     []bulkEntry
	ConfigurationSetName string
}

type bulkEntry struct {
	Destination             destination
	ReplacementEmailContent *struct {
		ReplacementTemplate *struct{ ReplacementTemplateData string }
	}
	ReplacementHeaders []pair
	ReplacementTags    []pair
}

// data is the entry's own template data, as JSON; empty for none.
func (e *bulkEntry) data() string {
	if e.ReplacementEmailContent == nil || e.ReplacementEmailContent.ReplacementTemplate == nil {
		return ""
	}
	return e.ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData
}

type entryResult struct {
	Status    string
	MessageId string `json:",omitempty"`
	Error     string `json:",omitempty"`
}

type sendBulkOutput struct{ BulkEmailEntryResults []entryResult }

type sendEmailOutput struct{ MessageId string }

type accountOutput struct {
	DedicatedIpAutoWarmupEnabled bool
	EnforcementStatus            string
	ProductionAccessEnabled      bool
	SendQuota                    struct{ Max24HourSend, MaxSendRate, SentLast24Hours float64 }
	SendingEnabled               bool
}
