import { ref } from 'vue'

const query = matchMedia('(max-width: 760px)')
/** A hand-held screen: lists become cards, tabs sit at the bottom. */
export const isPhone = ref(query.matches)
query.addEventListener('change', (event) => {
  isPhone.value = event.matches
})
