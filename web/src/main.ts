import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import 'element-plus/theme-chalk/el-message.css'
import 'element-plus/theme-chalk/el-message-box.css'
import 'element-plus/theme-chalk/el-overlay.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import { onSession } from './api/client'
import App from './app/App.vue'
import { i18n, setLanguage, storedLanguage } from './app/i18n'
import { queryClient } from './app/query'
import { router } from './app/router'
import { useSession } from './app/session'
import './app/theme'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(VueQueryPlugin, { queryClient })

onSession({
  // Back to the same page after signing in again.
  signedOut: () => {
    useSession().forget()
    const here = router.currentRoute.value
    if (!here.meta.bare) void router.push({ name: 'sign-in', query: { back: here.fullPath, expired: '1' } })
  },
  passwordDue: () => void router.push({ name: 'password' }),
})

void setLanguage(storedLanguage() ?? 'zh-CN').then(() => {
  app.use(router)
  app.mount('#app')
})
