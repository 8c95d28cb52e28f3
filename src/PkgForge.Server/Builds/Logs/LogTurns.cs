namespace PkgForge.Server.Builds.Logs;

/// <summary>
/// Keeps the log of an attempt readable while several sources are built at once: that of the source that began first is written as it comes, the
/// others wait in files of their own until it is their turn.
/// </summary>
/// <param name="main">The attempt's log.</param>
/// <param name="directory">Takes the files.</param>
internal sealed class LogTurns(BuildLog main, string directory) : IDisposable
{
    private readonly List<BuildLog> waiting = [];
    private readonly HashSet<BuildLog> ended = [];
    private int count;

    /// <summary>The log of a source that begins now.</summary>
    public BuildLog Begin()
    {
        var log = main.Beside($"{directory}/{++count}.log");
        waiting.Add(log);
        Advance();
        return log;
    }

    /// <summary>Nothing more is written into a log.</summary>
    public void End(BuildLog log)
    {
        ended.Add(log);
        Advance();
    }

    /// <summary>Takes all that still waits, in its turn.</summary>
    public void Dispose() => waiting.ToList().ForEach(End);

    private void Advance()
    {
        while (waiting is [var first, ..])
        {
            main.Take(first);
            if (!ended.Contains(first))
                return;
            waiting.RemoveAt(0);
            first.Dispose();
        }
    }
}
