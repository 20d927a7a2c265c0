// Runs before the first paint so that a dark page never flashes white.
;(function () {
  var chosen = 'auto'
  try {
    chosen = localStorage.getItem('anlan.theme') || 'auto'
  } catch {
    // Storage may be refused; the system's own choice is then used.
  }
  var dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
})()
