/*
 * A stand-in for Windows' vssapi.dll: the coordinator of the Volume Shadow Copy Service, as a requester sees it.
 *
 * Its vtables are those of the C headers, so it shows that the agent's agree with what a C compiler makes of them. It
 * keeps providers where Windows keeps them (Services\VSS\Providers), makes the provider by its class through COM, and
 * calls it in the documented order from a thread of its own.
 *
 * VSS_SCENARIO names a file whose first word says how the next snapshot goes; VSS_LOG a file that gets a line a call.
 */
#define COBJMACROS
#define CINTERFACE
#include <initguid.h>
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>
#include <vsprov.h>
#include <vsadmin.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROVIDERS L"SYSTEM\\CurrentControlSet\\Services\\VSS\\Providers\\"

static const GUID SET = {0x11223344, 0x5566, 0x7788, {0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01}};
static const GUID SNAPSHOT = {0x10203040, 0x5060, 0x7080, {0x90, 1, 2, 3, 4, 5, 6, 7}};

static void note(const char *format, ...)
{
    const char *path = getenv("VSS_LOG");
    FILE *file = path ? fopen(path, "ab") : NULL;
    va_list arguments;
    if (!file)
        return;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fputc('\n', file);
    fclose(file);
}

static const char *text(const GUID *id)
{
    static char shown[16][40];
    static LONG turn;
    char *place = shown[InterlockedIncrement(&turn) & 15];
    sprintf(place, "%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", id->Data1, id->Data2, id->Data3,
            id->Data4[0], id->Data4[1], id->Data4[2], id->Data4[3], id->Data4[4], id->Data4[5], id->Data4[6],
            id->Data4[7]);
    return place;
}

/* What every object here has; none is ever freed, for the tests count references. */
typedef struct {
    const void *table;
    LONG references;
} Object;

static HRESULT STDMETHODCALLTYPE query(void *this, REFIID iid, void **place)
{
    InterlockedIncrement(&((Object *)this)->references);
    *place = this;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE retain(void *this)
{
    return InterlockedIncrement(&((Object *)this)->references);
}

static ULONG STDMETHODCALLTYPE release(void *this)
{
    return InterlockedDecrement(&((Object *)this)->references);
}

/* IVssAsync */

typedef struct {
    const IVssAsyncVtbl *table;
    LONG references;
    HANDLE done;
    HRESULT result;
} Async;

static HRESULT STDMETHODCALLTYPE async_cancel(IVssAsync *this)
{
    note("Cancel");
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE async_wait(IVssAsync *this, DWORD milliseconds)
{
    WaitForSingleObject(((Async *)this)->done, milliseconds);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE async_status(IVssAsync *this, HRESULT *result, INT *reserved)
{
    *result = ((Async *)this)->result;
    return S_OK;
}

static const IVssAsyncVtbl ASYNC = {(void *)query, (void *)retain, (void *)release,
                                    async_cancel, async_wait, async_status};

static Async *new_async(HRESULT result)
{
    Async *made = calloc(1, sizeof *made);
    made->table = &ASYNC;
    made->references = 1;
    made->result = result;
    made->done = CreateEventW(NULL, TRUE, result != VSS_S_ASYNC_PENDING, NULL);
    return made;
}

static void finish(Async *async, HRESULT result)
{
    async->result = result;
    SetEvent(async->done);
}

/* The list of providers, in the registry as on Windows. */

static LSTATUS provider_key(const GUID *id, REGSAM access, BOOL make, const WCHAR *below, HKEY *key)
{
    WCHAR path[200], name[40];
    StringFromGUID2(id, name, 40);
    wsprintfW(path, L"%s%s%s", PROVIDERS, name, below);
    if (make)
        return RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, access, NULL, key, NULL);
    return RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, access, key);
}

static HRESULT provider_class(const GUID *id, CLSID *found)
{
    WCHAR name[40];
    DWORD size = sizeof name;
    HKEY key;
    LSTATUS status;
    if (provider_key(id, KEY_READ, FALSE, L"\\CLSID", &key))
        return VSS_E_PROVIDER_NOT_REGISTERED;
    status = RegQueryValueExW(key, NULL, NULL, NULL, (BYTE *)name, &size);
    RegCloseKey(key);
    return status ? VSS_E_PROVIDER_NOT_REGISTERED : CLSIDFromString(name, found);
}

static void set_text(HKEY key, const WCHAR *name, const WCHAR *value)
{
    RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)value, (lstrlenW(value) + 1) * sizeof(WCHAR));
}

/* IVssAdmin */

static HRESULT STDMETHODCALLTYPE admin_register(IVssAdmin *this, VSS_ID id, CLSID class_id, VSS_PWSZ name,
                                                VSS_PROVIDER_TYPE kind, VSS_PWSZ version, VSS_ID version_id)
{
    WCHAR shown[40];
    CLSID known;
    HKEY key;
    if (!provider_class(&id, &known))
        return VSS_E_PROVIDER_ALREADY_REGISTERED;
    note("RegisterProvider %s %s %ls %d %ls %s", text(&id), text(&class_id), name, kind, version, text(&version_id));
    provider_key(&id, KEY_WRITE, TRUE, L"", &key);
    set_text(key, NULL, name);
    RegCloseKey(key);
    provider_key(&id, KEY_WRITE, TRUE, L"\\CLSID", &key);
    StringFromGUID2(&class_id, shown, 40);
    set_text(key, NULL, shown);
    RegCloseKey(key);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE admin_unregister(IVssAdmin *this, VSS_ID id)
{
    WCHAR path[200], name[40];
    StringFromGUID2(&id, name, 40);
    wsprintfW(path, L"%s%s\\CLSID", PROVIDERS, name);
    if (RegDeleteKeyW(HKEY_LOCAL_MACHINE, path))
        return VSS_E_PROVIDER_NOT_REGISTERED;
    wsprintfW(path, L"%s%s", PROVIDERS, name);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, path);
    note("UnregisterProvider %s", text(&id));
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE admin_query(IVssAdmin *this, IVssEnumObject **place)
{
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE admin_abort(IVssAdmin *this)
{
    return E_NOTIMPL;
}

static const IVssAdminVtbl ADMIN = {(void *)query, (void *)retain, (void *)release,
                                    admin_register, admin_unregister, admin_query, admin_abort};
static Object admin = {&ADMIN, 1};

static HRESULT STDMETHODCALLTYPE factory_create(IClassFactory *this, IUnknown *outer, REFIID iid, void **place)
{
    return query(&admin, iid, place);
}

static HRESULT STDMETHODCALLTYPE factory_lock(IClassFactory *this, BOOL lock)
{
    return S_OK;
}

static const IClassFactoryVtbl FACTORY = {(void *)query, (void *)retain, (void *)release, factory_create,
                                          factory_lock};
static Object factory = {&FACTORY, 1};

HRESULT STDMETHODCALLTYPE DllGetClassObject(REFCLSID class_id, REFIID iid, void **place)
{
    return query(&factory, iid, place);
}

/* IVssBackupComponents */

typedef struct {
    const IVssBackupComponentsVtbl *table;
    LONG references;
    char scenario[32];
    IVssSoftwareSnapshotProvider *provider;
    LONG volumes, context;
    Async *snapshot;
} Backup;

static BOOL plays(Backup *backup, const char *scenario)
{
    return !strcmp(backup->scenario, scenario);
}

static HRESULT STDMETHODCALLTYPE unused(void *this)
{
    note("a method that nobody should call");
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE quiet(void *this)
{
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_initialize(IVssBackupComponents *this, BSTR xml)
{
    note("InitializeForBackup %p", xml);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_context(IVssBackupComponents *this, LONG context)
{
    note("SetContext 0x%lx", context);
    ((Backup *)this)->context = context;
    return context & VSS_VOLSNAP_ATTR_TRANSPORTABLE && plays((Backup *)this, "client") ? VSS_E_UNSUPPORTED_CONTEXT
                                                                                       : S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_state(IVssBackupComponents *this, boolean components, boolean system_state,
                                              VSS_BACKUP_TYPE type, boolean partial)
{
    note("SetBackupState %d %d %d %d", components, system_state, type, partial);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_step(IVssBackupComponents *this, IVssAsync **place)
{
    *place = (IVssAsync *)new_async(VSS_S_ASYNC_FINISHED);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_complete(IVssBackupComponents *this, IVssAsync **place)
{
    note("BackupComplete");
    return backup_step(this, place);
}

static HRESULT STDMETHODCALLTYPE backup_abort(IVssBackupComponents *this)
{
    note("AbortBackup");
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_writers(IVssBackupComponents *this, UINT *count)
{
    *count = 2;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_writer(IVssBackupComponents *this, UINT index, VSS_ID *instance,
                                               VSS_ID *writer, BSTR *name, VSS_WRITER_STATE *state, HRESULT *reason)
{
    BOOL refuses = index == 1 && plays((Backup *)this, "veto");
    *instance = *writer = SNAPSHOT;
    *name = SysAllocString(index ? L"D\u00e4tabase" : L"System Writer");
    *state = refuses ? VSS_WS_FAILED_AT_PREPARE_SNAPSHOT : VSS_WS_STABLE;
    *reason = refuses ? VSS_E_WRITERERROR_RETRYABLE : S_OK;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE backup_start(IVssBackupComponents *this, VSS_ID *place)
{
    *place = SET;
    return plays((Backup *)this, "busy") ? VSS_E_SNAPSHOT_SET_IN_PROGRESS : S_OK;
}

static HRESULT load(Backup *backup, const VSS_ID *id)
{
    CLSID class_id;
    HRESULT result = provider_class(id, &class_id);
    if (FAILED(result) || backup->provider)
        return result;
    result = CoCreateInstance(&class_id, NULL, CLSCTX_LOCAL_SERVER, &IID_IVssSoftwareSnapshotProvider,
                              (void **)&backup->provider);
    note("provider %s: 0x%lx", text(&class_id), result);
    return result;
}

static HRESULT STDMETHODCALLTYPE backup_supported(IVssBackupComponents *this, VSS_ID id, VSS_PWSZ volume, WINBOOL *is)
{
    Backup *backup = (Backup *)this;
    HRESULT result = load(backup, &id);
    return FAILED(result) ? result : IVssSoftwareSnapshotProvider_IsVolumeSupported(backup->provider, volume, is);
}

static HRESULT STDMETHODCALLTYPE backup_add(IVssBackupComponents *this, VSS_PWSZ volume, VSS_ID id, VSS_ID *place)
{
    Backup *backup = (Backup *)this;
    note("AddToSnapshotSet %ls %s", volume, text(&id));
    *place = SNAPSHOT;
    backup->volumes++;
    return IVssSoftwareSnapshotProvider_BeginPrepareSnapshot(backup->provider, SET, SNAPSHOT, volume,
                                                             backup->context);
}

/* Methods with every kind of argument, whose answers are known. */
static void try_all(IVssSoftwareSnapshotProvider *provider)
{
    LONG number = 7, compatibility = 7;
    WINBOOL present = 7;
    VSS_ID kept = SET;
    VSS_SNAPSHOT_PROP properties;
    IVssEnumObject *list = NULL;
    VARIANT value;
    ULONG fetched = 7;
    HRESULT result;
    VariantInit(&value);
    result = IVssSoftwareSnapshotProvider_DeleteSnapshots(provider, SNAPSHOT, VSS_OBJECT_SNAPSHOT, TRUE, &number,
                                                          &kept);
    note("DeleteSnapshots 0x%lx %ld %s", result, number, text(&kept));
    result = IVssSoftwareSnapshotProvider_IsVolumeSnapshotted(provider, (VSS_PWSZ)L"C:\\", &present, &compatibility);
    note("IsVolumeSnapshotted 0x%lx %d %ld", result, present, compatibility);
    note("GetSnapshotProperties 0x%lx",
         IVssSoftwareSnapshotProvider_GetSnapshotProperties(provider, SNAPSHOT, &properties));
    note("SetSnapshotProperty 0x%lx",
         IVssSoftwareSnapshotProvider_SetSnapshotProperty(provider, SNAPSHOT, VSS_SPROPID_STATUS, value));
    note("RevertToSnapshot 0x%lx", IVssSoftwareSnapshotProvider_RevertToSnapshot(provider, SNAPSHOT));
    result = IVssSoftwareSnapshotProvider_Query(provider, SNAPSHOT, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list);
    note("Query 0x%lx", result);
    result = IVssEnumObject_Next(list, 1, NULL, &fetched);
    note("Next 0x%lx %lu", result, fetched);
    IVssEnumObject_Release(list);
}

static DWORD WINAPI abort_soon(void *steps)
{
    Sleep(100);
    note("AbortSnapshots 0x%lx", IVssProviderCreateSnapshotSet_AbortSnapshots((IVssProviderCreateSnapshotSet *)steps,
                                                                              SET));
    return 0;
}

static HRESULT make_snapshot(Backup *backup)
{
    IVssSoftwareSnapshotProvider *provider = backup->provider;
    IVssProviderCreateSnapshotSet *steps;
    IVssProviderNotifications *notes;
    HRESULT result;
    IVssSoftwareSnapshotProvider_QueryInterface(provider, &IID_IVssProviderNotifications, (void **)&notes);
    IVssSoftwareSnapshotProvider_QueryInterface(provider, &IID_IVssProviderCreateSnapshotSet, (void **)&steps);
    IVssProviderNotifications_OnLoad(notes, NULL);
    IVssSoftwareSnapshotProvider_SetContext(provider, backup->context);
    try_all(provider);
    note("a foreign commit 0x%lx", IVssProviderCreateSnapshotSet_CommitSnapshots(steps, SNAPSHOT));
    note("EndPrepareSnapshots 0x%lx", IVssProviderCreateSnapshotSet_EndPrepareSnapshots(steps, SET));
    note("PreCommitSnapshots 0x%lx", IVssProviderCreateSnapshotSet_PreCommitSnapshots(steps, SET));
    note("CommitSnapshots");
    if (plays(backup, "abort"))
        CloseHandle(CreateThread(NULL, 0, abort_soon, steps, 0, NULL));
    result = IVssProviderCreateSnapshotSet_CommitSnapshots(steps, SET);
    note("committed 0x%lx", result);
    if (FAILED(result)) {
        IVssProviderCreateSnapshotSet_AbortSnapshots(steps, SET);
    } else {
        IVssProviderCreateSnapshotSet_PostCommitSnapshots(steps, SET, backup->volumes);
        IVssProviderCreateSnapshotSet_PreFinalCommitSnapshots(steps, SET);
        IVssProviderCreateSnapshotSet_PostFinalCommitSnapshots(steps, SET);
        result = plays(backup, "unseen")    ? VSS_E_OBJECT_NOT_FOUND
                 : plays(backup, "not held") ? VSS_E_HOLD_WRITES_TIMEOUT
                                             : VSS_S_ASYNC_FINISHED;
    }
    IVssProviderNotifications_OnUnload(notes, TRUE);
    IVssProviderCreateSnapshotSet_Release(steps);
    IVssProviderNotifications_Release(notes);
    note("references %lu", IVssSoftwareSnapshotProvider_Release(provider));
    return result;
}

static DWORD WINAPI snapshot_thread(void *this)
{
    Backup *backup = this;
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    finish(backup->snapshot, plays(backup, "no flush") ? VSS_E_FLUSH_WRITES_TIMEOUT : make_snapshot(backup));
    CoUninitialize();
    return 0;
}

static HRESULT STDMETHODCALLTYPE backup_do(IVssBackupComponents *this, IVssAsync **place)
{
    Backup *backup = (Backup *)this;
    backup->snapshot = new_async(VSS_S_ASYNC_PENDING);
    *place = (IVssAsync *)backup->snapshot;
    CloseHandle(CreateThread(NULL, 0, snapshot_thread, backup, 0, NULL));
    return S_OK;
}

HRESULT STDAPICALLTYPE CreateVssBackupComponentsInternal(IVssBackupComponents **place)
{
    static IVssBackupComponentsVtbl table;
    void **slots = (void **)&table;
    const char *path = getenv("VSS_SCENARIO");
    FILE *file = path ? fopen(path, "rb") : NULL;
    Backup *backup = calloc(1, sizeof *backup);
    size_t slot;
    for (slot = 0; slot < sizeof table / sizeof *slots; slot++)
        slots[slot] = (void *)unused;
    table.QueryInterface = (void *)query;
    table.AddRef = (void *)retain;
    table.Release = (void *)release;
    table.InitializeForBackup = backup_initialize;
    table.SetContext = backup_context;
    table.SetBackupState = backup_state;
    table.GatherWriterMetadata = backup_step;
    table.PrepareForBackup = backup_step;
    table.GatherWriterStatus = backup_step;
    table.GetWriterStatusCount = backup_writers;
    table.GetWriterStatus = backup_writer;
    table.FreeWriterStatus = (void *)quiet;
    table.StartSnapshotSet = backup_start;
    table.IsVolumeSupported = backup_supported;
    table.AddToSnapshotSet = backup_add;
    table.DoSnapshotSet = backup_do;
    table.BackupComplete = backup_complete;
    table.AbortBackup = backup_abort;
    backup->table = &table;
    backup->references = 1;
    if (file) {
        fgets(backup->scenario, sizeof backup->scenario, file);
        fclose(file);
    }
    *place = (IVssBackupComponents *)backup;
    return S_OK;
}
