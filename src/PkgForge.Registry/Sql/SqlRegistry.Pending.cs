namespace PkgForge.Registry.Sql;

/// <summary>Being written.</summary>
internal abstract partial class SqlRegistry
{
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancel) => throw Later();

    private static NotSupportedException Later() => new("not written yet");
}
