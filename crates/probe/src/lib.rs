//! Looks at the outside world: HTTP, TCP, ICMP, DNS. Knows no database.
