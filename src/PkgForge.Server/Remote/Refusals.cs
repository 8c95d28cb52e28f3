using System.Net;
using System.Text.Json;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>Turns an answer that is no success into what the builder makes of it.</summary>
internal static class Refusals
{
    public static Exception Of(Uri server, HttpStatusCode status, byte[] body)
    {
        var problem = Read(body);
        var detail = problem?.Detail is { Length: > 0 } text ? Printable(text) : $"HTTP status {(int)status}";
        return (status, problem?.Type) switch
        {
            (HttpStatusCode.Unauthorized, _) => new BuilderRefusedException($"{server} refuses this builder: {detail}"),
            (HttpStatusCode.Forbidden, _) => new BuilderRefusedException($"{server}: {detail}"),
            (_, ProblemTypes.LeaseLost) => new LeaseLostException(detail),
            (_, ProblemTypes.WrongOffset) => new WrongOffsetException(problem!.Length ?? 0),
            (_, ProblemTypes.NotAsAnnounced) => new NotAsAnnouncedException(detail),
            (HttpStatusCode.NotFound, _) => new NotThereException(
                $"{server} does not have what this builder asked for: {detail}"
            ),
            (_, ProblemTypes.FarmFault) => new FarmFaultException($"on {server}: {detail}"),
            (
                HttpStatusCode.TooManyRequests
                    or HttpStatusCode.RequestTimeout
                    or >= HttpStatusCode.InternalServerError,
                _
            ) => new FarmUnavailableException($"the server {server} cannot serve now: {detail}"),
            _ => new FarmFaultException($"{server} has refused a request of this builder: {detail}"),
        };
    }

    private static Problem? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, WireJson.Default.Problem);
        }
        catch (JsonException)
        {
            // A proxy in between has answered, in words of its own.
            return null;
        }
    }

    private static string Printable(string text) =>
        string.Concat(text.Take(2000).Select(c => char.IsControl(c) ? '?' : c));
}
