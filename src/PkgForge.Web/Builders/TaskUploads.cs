using PkgForge.Registry.Builders;

namespace PkgForge.Web.Builders;

/// <summary>
/// What one task has on its way to the server, and how much that may be: a builder that was taken over by somebody does not fill the disk.
/// </summary>
/// <param name="directory">Where uploads grow.</param>
/// <param name="mostBytes">The most bytes of all products: they come out of one root.</param>
internal sealed class TaskUploads(string directory, long mostBytes)
{
    /// <summary>More names than this from one task is a fault of its builder.</summary>
    public const int MostProducts = 20_000;

    /// <summary>A builder has a log for each check.</summary>
    public const int MostLogs = 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (Upload Upload, long Announced)> products = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Upload> logs = new(StringComparer.Ordinal);
    private long announced;
    private bool closed;

    /// <summary>How much of a product has arrived.</summary>
    public long LengthOf(string name) => new Upload(PlaceOf(name)).Length;

    /// <summary>
    /// The upload of a product; or what is wrong with it. What was once announced under a name counts, whatever is announced later: it may be there.
    /// </summary>
    public (Upload? Upload, string? Fault) Product(string name, long size)
    {
        lock (gate)
        {
            RequireOpen();
            var there = products.TryGetValue(name, out var known);
            if (!there && products.Count == MostProducts)
                return (null, $"the task has brought {MostProducts} products; more are not taken");
            var more = Math.Max(0, size - known.Announced);
            if (more > mostBytes - announced)
                return (
                    null,
                    $"with {name} the task's products would have {announced + more} bytes; together they may have {mostBytes} ('limits: root')"
                );
            announced += more;
            var upload = known.Upload ?? new(PlaceOf(name));
            products[name] = (upload, known.Announced + more);
            return (upload, null);
        }
    }

    /// <summary>The upload of a log beside the attempt's own; null when there are too many.</summary>
    public Upload? Log(string name)
    {
        lock (gate)
        {
            RequireOpen();
            if (logs.TryGetValue(name, out var known))
                return known;
            return logs.Count == MostLogs ? null : logs[name] = new(Path.Combine(directory, ".logs", name));
        }
    }

    /// <summary>Ends all of them, and lets no more come.</summary>
    public async Task CloseAsync()
    {
        List<Upload> all;
        lock (gate)
        {
            closed = true;
            all = [.. products.Values.Select(product => product.Upload), .. logs.Values];
        }
        foreach (var upload in all)
            await upload.Turnstile.CloseAsync();
    }

    /// <summary>Whoever comes when the others have been ended would begin anew what nobody removes.</summary>
    private void RequireOpen()
    {
        if (closed)
            throw new LeaseLostException("the task has ended, or is lost");
    }

    private string PlaceOf(string name) => Path.Combine(directory, name);
}
