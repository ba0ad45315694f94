// An HTTP request for any address that is no other function's sets off publications: what the public reads.
package main

import (
	"liaison/internal/app/publications"
	"liaison/internal/cloud"
)

func main() { cloud.StartHTTP(publications.New) }
