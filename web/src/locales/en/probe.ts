export default {
  probe: {
    log: {
      resolved: 'resolved {name} → {addresses}', connected: 'connected to {address}', connect_failed: 'connecting to {address} failed: {error}', tls_agreed: 'agreed on {version}, {cipher}', certificate: 'certificate for {subject} by {issuer}, {days_left} days left',
      certificate_problem: 'certificate: {problem}, tolerated: {tolerated}', requested: 'request {method} {url}', responded: 'answer {status}, {version}', header: 'header {name}: {value}', redirected: 'redirected to {to}', body: 'body {bytes} bytes, cut: {truncated}, charset: {charset}',
      excerpt: 'begins with: {text}', reply: 'packet {packet} answered in {rtt_us}', lost: 'packet {packet} lost', answered: '{record}: {values}', more: '{lines} more lines',
    },
    certificate: { expired: 'expired', not_yet_valid: 'not yet valid', self_signed: 'self-signed', untrusted_chain: 'untrusted chain', wrong_host: 'for another host', invalid: 'invalid' },
    event: {
      suspected: 'Suspected {level}', cleared: 'Cleared', opened: '{level} opened', upgraded: 'Raised to {level}', downgraded: 'Lowered to {level}', recovering: 'Recovering', relapsed: 'Bad again', recovered: 'Recovered', outage_began: 'Outage began', outage_ended: 'Outage ended', flapping_started: 'Flapping ({percent}%)',
      flapping_stopped: 'Flapping stopped', data_lost: 'No data', data_returned: 'Data again', maintenance_entered: 'Maintenance began', maintenance_left: 'Maintenance ended', unreachable_entered: 'Unreachable through its parent', unreachable_left: 'No longer held by its parent', held: 'Not told',
    },
    reason: {
      above: '{metric} {value}, above {limit}', below: '{metric} {value}, below {limit}', good: '{samples} good in a row', eased: 'the higher condition no longer holds', rule_changed: 'the rule was changed', changes: 'changes too often', silence: 'no result in the time allowed', prober: 'the prober itself failed; says nothing about the target',
      result: 'a result arrived', maintenance: 'maintenance window', parent: 'its parent', suppressed: 'suppressed',
    },
    hold: { maintenance: 'in a maintenance window', parent_down: 'its parent alarms', parent_pending: 'its parent is being checked', prober_offline: 'the prober is offline', settling: 'waiting for it to settle', recovering: 'the newest check was good', flapping: 'it flaps' },
    code: {
      timeout: 'timed out', name_not_found: 'name does not exist', name_without_address: 'name has no address', name_server_error: 'name server error', name_server_silent: 'name server silent', connect_refused: 'connection refused', host_unreachable: 'host unreachable', connect_failed: 'connection failed', closed_early: 'closed early', connection_reset: 'connection reset',
      not_tls: 'not TLS', tls_incompatible: 'no common TLS version or cipher', tls_failed: 'TLS handshake failed', certificate: 'certificate not acceptable', not_http: 'not HTTP', header_too_large: 'header too large', unexpected_status: 'unexpected status', keyword_missing: 'keyword missing', keyword_present: 'forbidden content', body_too_large: 'body too large',
      body_broken: 'body incomplete', too_much_data: 'too much data', bad_compression: 'broken compression', too_many_redirects: 'too many redirects', redirect_loop: 'redirect loop', redirect_forbidden: 'redirect not allowed', redirect_invalid: 'invalid redirect', wrong_landing: 'landed elsewhere', banner_mismatch: 'unexpected greeting', no_reply: 'no reply', packet_loss: 'too much loss',
      icmp_unreachable: 'network says unreachable', no_record: 'no such record', unexpected_answer: 'unexpected answer',
    },
  },
}
