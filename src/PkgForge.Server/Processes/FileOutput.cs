namespace PkgForge.Server.Processes;

/// <summary>Writes what a tool prints into a new file.</summary>
internal sealed class FileOutput(string path) : IOutput, IDisposable
{
    private readonly FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
    private readonly Lock gate = new();

    public bool Write(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
            file.Write(bytes);
        return true;
    }

    public void Flush() => file.Flush(flushToDisk: true);

    public void Dispose() => file.Dispose();
}
