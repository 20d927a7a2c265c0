export default {
  app: { name: 'Anlan', tagline: 'Operations and service platform' },
  act: {
    cancel: 'Cancel', save: 'Save', delete: 'Delete', edit: 'Edit', clear: 'Clear', retry: 'Try again', more: 'More', export: 'Export', add: 'Add', close: 'Close', test: 'Test', copy: 'Copy',
    copied: 'Copied', back: 'Back', refresh: 'Refresh', enable: 'Enable', disable: 'Disable', download: 'Download',
  },
  state: { loading: 'Loading', searching: 'Searching…', enabled: 'Enabled', disabled: 'Disabled', saved: 'Saved' },
  time: { dh: '{d} d {h} h', d: '{d} d', hm: '{h} h {m} min', h: '{h} h', m: '{m} min', s: '{s} s', ago: '{span} ago', in: 'in {span}', now: 'just now' },
  clock: {
    left: '{span} left', late: '{span} late', paused: 'paused', pausedLeft: 'paused, {span} left', met: 'kept, took {span}', cancelled: 'no longer counted', before: 'before {at}', all: 'All {n} promises', allDone: 'Every promise is settled.',
    noPromise: 'This ticket carries no promise.', agreed: 'promised {at}', agreedWhy: 'Agreed with the customer: {reason} ({by})', notCounted: 'not counted',
  },
  form: {
    mend: 'Not saved; {n} to mend:', required: 'Required', choose: 'Choose', search: 'Type to search', searchPerson: 'Name or account', pickTime: 'Pick a time', pickDay: 'Pick a day', yes: 'Yes', no: 'No', restored: 'What you typed last time was restored.', discard: 'Start over',
  },
  list: {
    selected: '{n} selected', selectAll: 'Select this page', select: 'Select this row', news: '{n} new changes, show them', empty: 'Nothing matches', columns: 'Choose columns', restoreColumns: 'Default columns', page: 'Page {n}', previous: 'Previous',
    next: 'Next', exporting: '{n} rows read',
  },
  filter: {
    label: 'Filter', hint: 'state:Working level:1 overdue', remove: 'Remove condition: {what}', unknown: 'No such value: {words}', views: 'Views', noViews: 'Filter first, then keep the conditions as a view.', viewName: 'Name of the view',
  },
  upload: { hint: 'Choose, drop or paste files' },
  error: {
    title: 'This could not be read', missingTitle: 'No such record', missing: 'It may have been moved, or you may not see it.', offlineTitle: 'No connection to the server', offline: 'No connection to the server. Check the network; what you typed is kept, try again later.',
    server: 'The server failed and saved nothing. Try again; if it stays, tell the administrator the time.', unknown: 'The request failed ({status}).', bad_credentials: 'Wrong account or password.', locked: 'The account is locked. Try later or ask the administrator.',
    csrf: 'The page is out of date. Reload it and try again.', stale_version: 'Somebody has just changed this record.', version_required: 'The page is out of date. Reload it and try again.', http_403: 'You may not do this.', http_404: 'No such record.', http_413: 'The file is too large.', http_429: 'Too many requests. Wait a moment.',
  },
  shell: {
    skip: 'Skip to content', menu: 'Menu', tabs: 'Shortcuts', switchProject: 'Switch project', allProjects: 'All projects', search: 'Search tickets, monitors, pages', alarms: '{red} critical, {blue} warnings', person: 'Menu of {name}', theme: 'Theme',
    themes: { auto: 'Auto', light: 'Light', dark: 'Dark' }, language: 'Language', lost: 'Live updates are cut off, reconnecting; what you see may be old.', missing: 'No such page', missingText: 'The address may be wrong, or you may not open it.',
  },
  palette: { hint: 'A number, a title, a monitor or a page', pages: 'Pages', commands: 'Commands', tickets: 'Tickets', monitors: 'Monitors', none: 'Nothing found. Try another word.', light: 'Light theme', dark: 'Dark theme' },
  menu: {
    bench: 'Workbench', work: 'My work', desk: 'Service desk', queue: 'Queue', call: 'Log a call', contacts: 'Contacts', process: 'Processes', incidents: 'Incidents', watch: 'Monitoring', monitors: 'Monitors', alerts: 'Alerts', maintenance: 'Maintenance',
    report: 'Reports', reports: 'Service reports', project: 'Projects', projects: 'Projects', agreements: 'Agreements', units: 'Units', groups: 'Support groups', system: 'System', users: 'Users and roles', calendars: 'Calendars', channels: 'Channels',
    deliveries: 'Deliveries', audit: 'Audit', tokens: 'API tokens', settings: 'Settings', profile: 'Profile',
  },
  tabs: { report: 'Report', work: 'Work', tickets: 'Tickets', call: 'Call', alerts: 'Alerts', more: 'More' },
  session: {
    signIn: 'Sign in', login: 'Account', password: 'Password', enter: 'Sign in', forgot: 'Forgotten or locked? Ask your administrator.', expired: 'Your session has expired. Sign in to return to the page you were on.', signOut: 'Sign out', change: 'Change password',
    forced: 'This is the first sign-in or a reset. Set a password of your own first.', rule: 'At least 10 characters, not your account name.', old: 'Current password', new: 'New password', again: 'New password again', differs: 'The two differ.', changed: 'Password changed.',
  },
  notice: { title: 'Messages', bell: 'Messages, {n} unread', readAll: 'Mark all read', none: 'No messages', noneText: 'Tickets given to you, deadlines and alarms are told here.', all: 'All messages', unread: 'unread', onlyUnread: 'Unread only' },
}
