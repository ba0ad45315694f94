// Package deployment puts the whole of template.yaml on an emulator of AWS that needs no Docker, and walks the main job through what came
// of it: the real functions as Lambda would run them, behind the API's own routes, under the roles of the template, on its tables and
// queues. It is the nearest to a deployment that can be had without an account, and it is a test (make test-deploy).
//
// What may enter: what the emulator needs to be told differently from AWS, each with its reason (template.go), what it lacks, each with a
// proof (gaps_test.go), and what a deployment must be afterwards. infra/decisions/0017 says what that shows and what it does not.
package deployment
