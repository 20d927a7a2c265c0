export default {
  ticket: {
    unknownRecord: '(no longer in the project)', one: 'Incident', new: 'New incident', number: 'Number', title: 'Title', state: 'State', nextDue: 'Next deadline', priority: 'Priority', level: 'Level', assignee: 'Assignee', unit: 'Unit', caller: 'Contact', type: 'Type', channel: 'Channel', line: 'Line',
    group: 'Group', project: 'Project', reported: 'Reported', updated: 'Updated', late: 'Late', overdue: 'Overdue', openOnly: 'Open', mine: 'Mine', me: 'Me', fromMonitor: 'From monitoring', from: 'From', to: 'To', nobody: 'Unassigned',
    wasLate: 'Was late', major: 'Major', majorLong: 'Major incident', backdated: 'Back-dated', reportedAt: 'reported {at}', none: 'No incident matches', noneText: 'Try other conditions, or log a new incident at the desk.',
    actions: 'Possible actions', nothingToDo: 'There is nothing for you to do now.', note: 'Note', sure: 'Confirm “{action}”.', happenedAt: 'Actual time', happenedHint: 'Promises count from the actual time; the entry is marked as back-dated.', otherTime: 'This did not happen just now', lookAgain: 'Show the latest, keep what I typed',
    did: '{number}: {action} done', registered: '{number} registered', facts: 'Facts', promises: 'Promises', people: 'People', takenBy: 'Taken by', thing: 'Object', system: 'System', ci: 'Configuration item', location: 'Location', alarm: 'Alarm', seeMonitor: 'Show the monitor',
    links: 'Links', files: 'Attachments', printNow: 'Print', print: 'Print the service form', allFields: 'All fields',
    block: { caller: 'Reporter', what: 'Incident', agreed: 'Agreed', work: 'Handling', end: 'Confirmation and filing' },
    priorityName: { 1: 'Critical', 2: 'High', 3: 'Medium', 4: 'Low', 5: 'Planned' },
    typeName: { consult: 'Question', fault: 'Fault', request: 'Request', complaint: 'Complaint', suggestion: 'Suggestion' },
    channelName: {
      phone: 'Phone', email: 'E-mail', fax: 'Fax', letter: 'Letter', verbal: 'Verbal', platform: 'Platform', qq: 'QQ', wechat: 'WeChat', portal: 'Portal', mobile: 'Mobile hotline', monitor: 'Monitoring', inspection: 'Inspection', other: 'Other',
    },
    lineName: { 1: 'Line 1', 2: 'Line 2', 3: 'Line 3' },
    field: {
      title: 'Title', description: 'Symptom', type: 'Type', category: 'Category', channel: 'Channel', unit_id: 'Unit', contact_id: 'Contact', caller_name: 'Contact', caller_phone: 'Phone', caller_department: 'Department', location: 'Location', system: 'System', ci: 'Configuration item',
      business_reason: 'How business is affected', impact: 'Impact', urgency: 'Urgency', priority: 'Priority', level: 'Fault level',
    },
  },
  timeline: {
    unfold: 'Show {n} fields', fold: 'Fold', title: 'Timeline', none: 'No entries yet', more: 'Earlier entries', recordedAt: 'recorded {at}', nothing: 'empty', actor: { user: 'User', system: 'System', token: 'API', import: 'Import' },
  },
  desk: {
    blank: 'Blank service form', keys: 'Type the number, Enter takes the caller; write the symptom; Ctrl Enter registers.', callerAsk: 'Number or name of the caller', unknownCaller: 'Not in the address book. Enter, then fill in by hand.', who: 'Who calls', otherCaller: 'Someone else', what: 'What about', describe: 'Symptom, since when, who is affected. The first sentence becomes the title.',
    titleHint: 'Empty takes the first sentence of the symptom.', weight: 'How serious', register: 'Register', backdate: 'It happened earlier', justLogged: 'Just registered', justLoggedNone: 'Calls you register are listed here.',
    emptyQueue: 'The queue is empty', emptyQueueText: 'Calls, mails and alarms arrive here; press “Next deadline” to put the nearest first.',
  },
  work: {
    night: 'Late hours, {name}.', morning: 'Good morning, {name}.', afternoon: 'Good afternoon, {name}.', evening: 'Good evening, {name}.', breaching: 'Due soon or late', waiting_ack: 'Waiting for your acknowledgement', assigned: 'In progress', to_confirm: 'Waiting for the customer', unassigned: 'To be dispatched', unassignedHint: 'yours to give out',
    breachingHint: 'begin here', waiting_ackHint: 'reminded every 15 min, reassigned at 45 min', assignedHint: 'given to you', to_confirmHint: 'solved, to be confirmed', none: 'Nothing on your desk', noneText: 'Tickets given to you, confirmations and deadlines appear here.',
  },
}
