UPDATE agentrun_sessions
SET storage_kind = 'pvc', storage_pvc_name = 'pvc-1', storage_namespace = 'agents', storage_size_bytes = 1024, storage_files_count = 3,
    storage_sha256 = repeat('ab', 32), storage_updated_at = updated_at, storage_pvc_phase = 'Bound'
WHERE session_id = 'ses_busy';
UPDATE agentrun_sessions
SET storage_kind = 'evicted', storage_pvc_name = 'pvc-2', storage_namespace = 'agents', storage_updated_at = updated_at, storage_evicted_at = updated_at
WHERE session_id = 'ses_done';
UPDATE agentrun_sessions SET storage_kind = 'pvc' WHERE session_id = 'ses_idle';
