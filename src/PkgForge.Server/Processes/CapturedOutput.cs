using System.Buffers;
using System.Text;

namespace PkgForge.Server.Processes;

/// <summary>Keeps what a tool prints in memory, up to a limit.</summary>
/// <param name="limit">Bytes; the tool is killed when it prints more. 16 MiB unless said otherwise.</param>
public sealed class CapturedOutput(int limit = 16 << 20) : IOutput
{
    private readonly ArrayBufferWriter<byte> kept = new();
    private readonly Lock gate = new();

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            var fits = kept.WrittenCount + bytes.Length <= limit;
            if (fits)
                kept.Write(bytes);
            return fits;
        }
    }

    /// <summary>What was printed, as UTF-8 text.</summary>
    public string Text
    {
        get
        {
            lock (gate)
                return Encoding.UTF8.GetString(kept.WrittenSpan);
        }
    }

    private const int MostOfTail = 2000;

    /// <summary>The last lines of it, for a message: at most 2,000 characters.</summary>
    public string Tail(int lines = 5)
    {
        var last = string.Join('\n', Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines));
        return last.Length > MostOfTail ? $"...{last[^MostOfTail..]}" : last;
    }
}
