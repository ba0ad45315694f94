// Package cloud is everything of AWS that is neither storage nor mail: it starts a Lambda function, reads its configuration from the
// environment, and turns events of API Gateway, SQS and the schedule into calls of the handlers that app makes.
//
// What may enter: what changes with where the programme runs, never what it does. A main of functions/ is one call of StartHTTP,
// StartQueue, StartTick or StartHTTPAndTick with the New of the package of app that it stands for and the parts of the outside world that it needs.
//
//	httpapi.go    HTTP API events, through the api-proxy adapter, whose faults end in that file
//	sqs.go        batches of a queue; only what failed comes back
//	schedule.go   the minute;  either.go: requests and the minute in one function
//	parts.go      what only some functions need: package mail and package queue
//	log.go        JSON lines without addresses and tokens;  metrics.go: lines that CloudWatch makes numbers of
//	config.go     the environment;  programme.go and secrets.go: the two documents that may change while a function lives
//	world.go      all of it together as app.Outside, kept fresh
package cloud
