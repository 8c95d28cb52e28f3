using System.Text;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Cli;

/// <summary>
/// Prints a log to a terminal: what builds print there commands nothing but harmless colours, and only lines of the farm look like such.
/// </summary>
internal static class TerminalLog
{
    /// <summary>A line that is longer is printed in pieces: a log may be one line.</summary>
    private const int LongestPiece = 16 << 10;

    public static async Task PrintAsync(Stream log, TextWriter terminal, CancellationToken cancel)
    {
        using var reader = new StreamReader(log, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        var buffer = new char[LongestPiece];
        var line = new StringBuilder();
        var isContinued = false;
        for (int read; (read = await reader.ReadAsync(buffer, cancel)) > 0; )
        {
            foreach (var c in buffer.AsSpan(0, read))
            {
                if (c != '\n' && line.Length < LongestPiece)
                {
                    line.Append(c);
                    continue;
                }
                terminal.Write(c == '\n' ? $"{Shown(line, isContinued)}\n" : Shown(line, isContinued));
                isContinued = c != '\n';
                line.Clear();
                if (isContinued)
                    line.Append(c);
            }
        }
        await terminal.WriteAsync(Shown(line, isContinued));
        await terminal.FlushAsync(cancel);
    }

    private static string Shown(StringBuilder piece, bool isContinued)
    {
        var text = piece.ToString().TrimEnd('\r');
        var shown = LogText.Coloured(text);
        return isContinued || text.StartsWith(LogLine.Mark, StringComparison.Ordinal) ? shown : LogText.Quote(shown);
    }
}
