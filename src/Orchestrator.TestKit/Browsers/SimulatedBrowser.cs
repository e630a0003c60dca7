using System.Text; using System.Text.Json;
using Orchestrator.Cdp; using Orchestrator.TestKit.Worlds;
namespace Orchestrator.TestKit.Browsers;
#pragma warning disable
public sealed class SimulatedBrowser(BrowserConditions conditions, TimeProvider time)
{
    static int s; 
    public Uri BrowserUrl { get; } = new($"ws://127.0.0.1:1/devtools/browser/{++s}");
    public long? StartedAtNanos;
    public Dictionary<string,long> Commands = new();
    public async Task<CdpConnection> ConnectAsync(CdpConnectionOptions o, CancellationToken ct)
    {
        await Task.Delay(conditions.Connecting.Next(new Random(conditions.Seed)), time, ct);
        var c = new CdpConnection(new T(this), time, o); c.Start(); return c;
    }
    List<(string,long)> marks = new(); bool read;
    sealed class T(SimulatedBrowser b) : ICdpTransport
    {
        Random r = new(1); long last; Queue<byte[]> q = new(); TaskCompletionSource? w; byte[]? cur; int pos;
        public ValueTask SendAsync(ReadOnlyMemory<byte> m, CancellationToken ct)
        {
            var d = JsonDocument.Parse(m); var id = d.RootElement.GetProperty("id").GetInt32(); var me = d.RootElement.GetProperty("method").GetString(); var sid = me.EndsWith("Marker")? d.RootElement.GetProperty("params").GetProperty("syncId").GetString():"";
            ITimer t=null; t= b.TimeOf.CreateTimer(_=>{ t.Dispose(); H(id,me,sid); }, null, b.C.There.Next(r), Timeout.InfiniteTimeSpan); return default;
        }
        void H(int id, string m, string sid)
        {
            b.Commands[m]=b.Commands.GetValueOrDefault(m)+1;
            string res = "{}"; string ev=null;
            if (m=="Browser.getVersion") res="{\"protocolVersion\":\"1.3\",\"product\":\"x\",\"revision\":\"\",\"userAgent\":\"\",\"jsVersion\":\"\"}";
            else if (m=="Tracing.start") b.StartedAtNanos=b.TimeOf.GetTimestamp();
            else if (m=="Tracing.recordClockSyncMarker") b.marks.Add((sid,b.C.Clock.At(b.TimeOf.GetTimestamp())));
            else if (m=="Tracing.end") ev="{\"method\":\"Tracing.tracingComplete\",\"params\":{\"dataLossOccurred\":false,\"stream\":\"1\",\"traceFormat\":\"json\",\"streamCompression\":\"none\"}}";
            else if (m=="IO.read") { if(b.read) res="{\"data\":\"\",\"eof\":true,\"base64Encoded\":false}"; else { b.read=true; res="{\"data\":"+JsonSerializer.Serialize("{\"traceEvents\":["+string.Join(",",b.marks.Select(x=>"{\"args\":{\"sync_id\":\""+x.Item1+"\"},\"cat\":\"__metadata\",\"name\":\"clock_sync\",\"ph\":\"c\",\"pid\":1,\"tid\":1,\"ts\":"+x.Item2/1000+"}"))+"]}")+",\"eof\":false,\"base64Encoded\":false}"; } }
            else if (m=="Target.getTargets") res="{\"targetInfos\":[]}";
            else if (m=="Tracing.getCategories") res="{\"categories\":[]}";
            Back("{\"id\":"+id+",\"result\":"+res+"}"); if(ev!=null) Back(ev);
        }
        void Back(string s){ ITimer t=null; var at=Math.Max(last, b.TimeOf.GetTimestamp()+b.C.Back.Next(r).Ticks*100); last=at; t=b.TimeOf.CreateTimer(_=>{t.Dispose(); q.Enqueue(Encoding.UTF8.GetBytes(s)); var x=w; w=null; x?.TrySetResult();}, null, TimeSpan.FromTicks((at-b.TimeOf.GetTimestamp())/100), Timeout.InfiniteTimeSpan); }
        public async ValueTask<CdpReceived> ReceiveAsync(Memory<byte> buf, CancellationToken ct)
        {
            if (cur==null) { while(q.Count==0) { w=new(); using var reg=ct.Register(()=>w?.TrySetCanceled()); await w.Task; } cur=q.Dequeue(); pos=0; }
            var n=Math.Min(buf.Length,cur.Length-pos); cur.AsSpan(pos,n).CopyTo(buf.Span); pos+=n; var end=pos==cur.Length; if(end) cur=null; return new CdpReceived(n,end);
        }
        public ValueTask DisposeAsync()=>default;
    }
    BrowserConditions C=>conditions; TimeProvider TimeOf=>time;
}
