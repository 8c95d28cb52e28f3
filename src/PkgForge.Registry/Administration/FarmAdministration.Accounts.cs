using PkgForge.Jobs;

namespace PkgForge.Registry.Administration;

/// <summary>Who may use the farm over HTTP.</summary>
public sealed partial class FarmAdministration
{
    /// <summary>Adds an account.</summary>
    public async Task<Refusal?> AddAccountAsync(string name, AccountRole role, CancellationToken cancel)
    {
        if (JobRules.Submitter(name) is { } expected)
            return Refusal.Wrong($"'{Shown(name)}' is not an account's name: expected {expected}");
        await NoteAsync("add account", $"{name} {Words.Of(role)}", cancel);
        return await registry.AddAccountAsync(name, role, cancel)
            ? null
            : Refusal.Conflict($"there is an account '{name}' already");
    }

    /// <summary>Gives an account another role.</summary>
    public Task<Refusal?> SetRoleAsync(string name, AccountRole role, CancellationToken cancel) =>
        name == account && role != AccountRole.Admin
            ? Task.FromResult<Refusal?>(Own("cease to be an admin"))
            : ChangeAccountAsync(
                "set role",
                name,
                Words.Of(role),
                () => registry.SetRoleAsync(name, role, cancel),
                cancel
            );

    /// <summary>Makes an account a maintainer of a bucket, or no longer.</summary>
    public async Task<Refusal?> SetMaintainerAsync(string name, string bucket, bool maintains, CancellationToken cancel)
    {
        // Of a bucket that has gone from the configuration nobody need be the maintainer for ever.
        if (maintains ? !buckets.Contains(bucket) : JobRules.Bucket(bucket) is not null)
            return NoBucket(bucket);
        return await ChangeAccountAsync(
            maintains ? "make maintainer" : "make maintainer no longer",
            name,
            bucket,
            () => registry.SetMaintainerAsync(name, bucket, maintains, cancel),
            cancel
        );
    }

    /// <summary>Notes a token of an account; its former one of this label ends.</summary>
    public async Task<Refusal?> AddTokenAsync(string name, NewCredential token, CancellationToken cancel)
    {
        if (AdminRules.Label(token.Label) is { } label)
            return Refusal.Wrong($"'{Shown(token.Label)}' is not a token's label: expected {label}");
        if (AdminRules.Valid(token.Valid) is { } time)
            return Refusal.Wrong($"the time for which the token is valid is not one: expected {time}");
        return await ChangeAccountAsync(
            "make token",
            name,
            token.Writes ? token.Label : $"{token.Label} (may look only)",
            () => registry.AddCredentialAsync(name, token, cancel),
            cancel
        );
    }

    /// <summary>Ends an account's token of this label, or all its tokens and sessions. Returns how many.</summary>
    public async Task<Answer<int>> EndTokensAsync(string name, string? label, CancellationToken cancel)
    {
        if (JobRules.Submitter(name) is not null)
            return NoAccount(name);
        if (label is not null && AdminRules.Label(label) is { } expected)
            return Refusal.Wrong($"'{Shown(label)}' is not a token's label: expected {expected}");
        await NoteAsync("revoke tokens", label is null ? name : $"{name} {label}", cancel);
        return await registry.EndCredentialsAsync(name, label, cancel) is { } ended ? ended : NoAccount(name);
    }

    /// <summary>Removes an account with all its credentials. Its jobs stay.</summary>
    public Task<Refusal?> RemoveAccountAsync(string name, CancellationToken cancel) =>
        name == account
            ? Task.FromResult<Refusal?>(Own("go"))
            : ChangeAccountAsync("remove account", name, "", () => registry.RemoveAccountAsync(name, cancel), cancel);

    private async Task<Refusal?> ChangeAccountAsync(
        string action,
        string name,
        string how,
        Func<Task<bool>> change,
        CancellationToken cancel
    )
    {
        if (JobRules.Submitter(name) is not null)
            return NoAccount(name);
        await NoteAsync(action, how.Length == 0 ? name : $"{name} {how}", cancel);
        return await change() ? null : NoAccount(name);
    }

    private static Refusal NoAccount(string name) =>
        Refusal.Missing($"there is no account '{Shown(name)}'; see 'pkgforge account list'");

    /// <summary>The last admin who locked himself out could be helped at the farm's machine only.</summary>
    private static Refusal Own(string what) =>
        Refusal.Conflict(
            $"your own account cannot {what} over HTTP: let another admin do it, or do it on the farm's machine"
        );
}
