import { useQuery, useQueryClient } from '@tanstack/vue-query'
import type { Ref } from 'vue'
import { api } from '@/api/client'
import type { SupplierContract, Supplier } from '@/api/types'
import { t } from '@/app/i18n'
import { formatDuration } from '@/app/time'

export function useSupplier(id: Ref<string>) {
  return useQuery({
    queryKey: ['supplier', 'one', id],
    queryFn: () => api.get<Supplier>('/suppliers/{id}', { path: { id: id.value } }),
  })
}
export function useRefreshSuppliers() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['supplier'] })
}

export interface SupplierValues {
  name: string
  contact: string
  phone: string
  email: string
  note: string
  active: boolean
}
export const blankSupplier = (): SupplierValues => ({
  name: '',
  contact: '',
  phone: '',
  email: '',
  note: '',
  active: true,
})
export const supplierValues = ({ name, contact, phone, email, note, active }: Supplier): SupplierValues => ({
  name,
  contact: contact ?? '',
  phone: phone ?? '',
  email: email ?? '',
  note: note ?? '',
  active: active ?? true,
})

export interface ContractValues {
  number: string
  project_id: string | null
  supports: string[]
  calendar: string
  respond_seconds: number | null
  arrive_seconds: number | null
  resolve_seconds: number | null
  starts_on: string | null
  ends_on: string | null
}
export const PROMISES = ['respond', 'arrive', 'resolve'] as const

/** `响应 30 分，到场 4 小时`; nothing when nothing is promised. */
export const promisesOf = (contract: SupplierContract): string =>
  PROMISES.map((promise) => ({ promise, seconds: contract[`${promise}_seconds`] }))
    .filter(({ seconds }) => seconds)
    .map(({ promise, seconds }) => `${t(`task.promise.${promise}`)} ${formatDuration(seconds!, t)}`)
    .join('，')

export type Standing = 'ends_soon' | 'running' | 'coming' | 'over'
/** Where a contract stands in its term. */
export function standingOf(contract: SupplierContract): Standing {
  if (contract.ends_soon) return 'ends_soon'
  if (contract.running) return 'running'
  return contract.days_left < 0 ? 'over' : 'coming'
}
/** The contract a list tells of: what ends soon before what runs, what is over last. */
export function tellingOf(contracts: SupplierContract[]): SupplierContract | undefined {
  const order: Standing[] = ['ends_soon', 'running', 'coming', 'over']
  return [...contracts].sort((a, b) => order.indexOf(standingOf(a)) - order.indexOf(standingOf(b)))[0]
}
