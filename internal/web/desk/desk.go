// Package desk is the secretariat at work: sign-in, queues, rosters, issues.
//
// Each file holds one page or one queue with its routes, handlers, page data and forms, as a web.Function of its own; app joins them.
package desk
