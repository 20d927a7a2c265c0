import { QueryClient } from '@tanstack/vue-query'
import { Problem } from '@/api/problem'

/** Query keys begin with the live topic ('ticket', 'monitor', 'alert', 'notice', 'delivery', 'report'), so one event refreshes what it touches. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: true,
      // A refusal will be refused again; only a broken line is worth another try.
      retry: (count, error) => error instanceof Problem && (error.status === 0 || error.status >= 502) && count < 2,
      retryDelay: (attempt) => 800 * 2 ** attempt,
    },
    mutations: { retry: false },
  },
})
